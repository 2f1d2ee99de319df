--
-- PostgreSQL database dump
--

SET client_encoding = 'UTF8';

CREATE SCHEMA dispatch_core;

CREATE SCHEMA dispatch_organization_acme;

COPY dispatch_organization_acme.conversation (resource_type, resource_id, weblink, id, channel_id, incident_id, created_at, updated_at, thread_id, case_id) FROM stdin;
slack-conversation	acme-pods-7	https://slack.com/app_redirect?channel=C0AAAAAA1	1	C0AAAAAA1	7	2026-10-03 14:04:10.5	2026-10-03 14:04:10.6	\N	\N
\.


COPY dispatch_organization_acme.event (id, uuid, started_at, ended_at, source, description, details, individual_id, incident_id, created_at, updated_at, case_id) FROM stdin;
1	e-1	2026-10-03 14:03:01.25	2026-10-03 14:03:01.25	Dispatch Core App	Incident created	null	\N	7	2026-10-03 14:03:01.26	2026-10-03 14:03:01.27	\N
2	e-2	2026-10-03 14:30:00	2026-10-03 14:30:00	Slack Plugin - Conversation Management	"Rolling back\tnow," said Ben Cho\nin C:\\temp	{"kind": "import"}	2	7	2026-10-03 14:35:00	2026-10-03 14:35:00	\N
\.


COPY dispatch_organization_acme.incident (id, name, title, description, status, reported_at, stable_at, closed_at, incident_priority_id, incident_severity_id, duplicate_id, created_at, updated_at, reporter_id) FROM stdin;
7	acme-pods-7	Pods stay unscheduled	Nothing is placed	Closed	2026-10-03 14:03:00.9	2026-10-03 15:31:00.5	2026-10-03 16:20:00	1	1	\N	2026-10-03 14:03:00.91	2026-10-03 16:20:01	1
\.


COPY dispatch_organization_acme.incident_priority (id, name) FROM stdin;
1	High
\.


COPY dispatch_organization_acme.incident_severity (id, name) FROM stdin;
1	Undetermined
\.


COPY dispatch_organization_acme.individual_contact (email, id, name) FROM stdin;
ana@acme.example	1	Ana Ruiz
ben@acme.example	2	Ben Cho
\.


COPY dispatch_organization_acme.participant (id, incident_id, individual_contact_id, case_id) FROM stdin;
1	7	1	\N
2	7	2	\N
\.


COPY dispatch_organization_acme.participant_role (id, assumed_at, renounced_at, role, participant_id) FROM stdin;
1	2026-10-03 14:03:02	\N	Reporter	1
2	2026-10-03 14:05:00	2026-10-03 15:00:00	Incident Commander	1
3	2026-10-03 15:10:00	\N	Incident Commander	2
\.


COPY dispatch_organization_acme.tag (id, name) FROM stdin;
1	quota
\.


COPY dispatch_organization_acme.task (id, resolved_at, resolve_by, creator_id, owner_id, incident_id, description, priority, status, created_at, updated_at) FROM stdin;
1	2026-10-06 10:00:00	2026-10-10 12:00:00	1	2	7	Alarm on the quota	Low	Resolved	2026-10-03 17:00:00	2026-10-06 10:00:01
\.


COPY dispatch_organization_acme.ticket (weblink, id, incident_id, created_at, case_id) FROM stdin;
https://dispatch.acme.example/acme/incidents/acme-pods-7	1	7	2026-10-03 14:03:03	\N
\.


--
-- PostgreSQL database dump complete
--
