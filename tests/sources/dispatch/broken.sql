--
-- PostgreSQL database dump
--

SET client_encoding = 'UTF8';

CREATE SCHEMA dispatch_core;

CREATE SCHEMA dispatch_organization_acme;

COPY dispatch_organization_acme.event (id, uuid, started_at, ended_at, source, description, details, individual_id, incident_id, created_at, updated_at, case_id) FROM stdin;
4	e-4	soon	soon	Dispatch Core App	Incident created	null	\N	7	2026-10-03 14:03:01	2026-10-03 14:03:01	\N
5	e-5	too short
6	e-6	2026-10-03 14:40:00	2026-10-03 14:40:00	Dispatch Core App	of an incident that is gone	null	\N	99	2026-10-03 14:40:00	2026-10-03 14:40:00	\N
\.


COPY dispatch_organization_acme.incident (id, name, title, description, status, reported_at, stable_at, closed_at, incident_priority_id, incident_severity_id, duplicate_id, created_at, updated_at, reporter_id) FROM stdin;
7	acme-pods-7	Pods stay unscheduled	Nothing is placed	Closed	2026-10-03 14:03:00.9	2026-10-03 15:31:00.5	2026-10-03 16:20:00	1	1	\N	2026-10-03 14:03:00.91	2026-10-03 16:20:01	1
\.


COPY dispatch_organization_acme.task (id, resolved_at, resolve_by, creator_id, owner_id, incident_id, description, priority, status, created_at, updated_at) FROM stdin;
1	2026-10-06 10:00:00	2026-10-10 12:00:00	1	2	7	Alarm on the quota	Low	Resolved	2026-10-03 17:00:00	2026-10-06 10:00:01
