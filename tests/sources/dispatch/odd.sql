--
-- PostgreSQL database dump
--

SET client_encoding = 'UTF8';

CREATE SCHEMA dispatch_core;

CREATE SCHEMA dispatch_organization_acme;

COPY dispatch_organization_acme.conversation (weblink, id, channel_id, incident_id, created_at, thread_id) FROM stdin;
	2	C0AAAAAA1	8	2026-10-04 09:02:00	1791.1
\.


COPY dispatch_organization_acme."event" (id, uuid, started_at, ended_at, source, description, details, individual_id, incident_id, created_at, updated_at, case_id) FROM stdin;
3	e-3	2026-10-04 09:01:00	2026-10-04 09:01:00	Case Participant	of a case	{}	\N	\N	2026-10-04 09:01:00	2026-10-04 09:01:00	4
\.


COPY dispatch_organization_acme.incident (id, name, title, description, status, reported_at, stable_at, closed_at, incident_priority_id, incident_severity_id, duplicate_id, created_at, updated_at, reporter_id) FROM stdin;
7	acme-pods-7	Pods stay unscheduled	Nothing is placed	Closed	2026-10-03 14:03:00.9	2026-10-03 15:31:00.5	2026-10-03 16:20:00	1	1	\N	2026-10-03 14:03:00.91	2026-10-03 16:20:01	1
8	acme-pods-8	Again		Active	2026-10-04 09:00:00	2026-10-04 10:00:00	\N	\N	\N	7	2026-10-04 09:00:00	2026-10-04 11:00:00	\N
\.


COPY dispatch_organization_acme.individual_contact (email, id, name) FROM stdin;
ana@acme.example	1	Ana Ruiz
ben@acme.example	2	Ben Cho
\.


COPY dispatch_organization_acme.participant (id, incident_id, individual_contact_id, case_id) FROM stdin;
1	7	1	\N
2	7	2	\N
\.


COPY public.incident (id, name, title, description, status, reported_at, stable_at, closed_at, incident_priority_id, incident_severity_id, duplicate_id, created_at, updated_at, reporter_id) FROM stdin;
1	dispatch-1	Before the move		Active	2020-01-01 00:00:00	\N	\N	\N	\N	\N	2020-01-01 00:00:00	2020-01-01 00:00:00	\N
\.


--
-- PostgreSQL database dump complete
--
