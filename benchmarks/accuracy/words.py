"""What simulated people write: several wordings of each thing, and chatter that nearly says it and does not."""

from __future__ import annotations

SERVICES = ("pod-api", "pod-relay", "pod-indexer", "pod-web", "pod-auth")
SYMPTOMS = (
    "5xx ratio above 5 %",
    "latency p99 above 4 s",
    "queue age above 10 min",
    "logins failing",
    "disk almost full",
)
LOOKING = (
    "looking into it",
    "checking the dashboards",
    "digging through the logs",
    "investigating, p99 is up",
    "seeing the error rate climb on two hosts",
    "looking at the traces now",
)
CHAT_ACK = ("ack, on my way", "acknowledged", "ack", "Acked, laptop is opening")
CALL = ("@here we have an incident, please join", "@incident-response-team please join", "@channel all hands please")
TRIAGED = (
    "Triage done: severity confirmed {severity}. Broken: {service}. Users: some. Impact: errors. Stable. Data: safe.",
    "triage complete, broken: {service}, users: about a third, impact: retries, not escalating, no data at risk",
    "Severity confirmed {severity}. Broken is {service}, users of one region, impact: slow, stable, data is safe.",
    "Triage: broken {service}; users 12 %; impact timeouts; escalating no; data at risk no",
)
MITIGATED = (
    "Mitigated: errors are back to normal.",
    "mitigated, traffic is drained from the bad hosts",
    "Mitigation in place, error rate falls",
    "*Mitigated* as far as customers can tell",
)
HEALTH = ("health check green on all hosts", "Health checks pass again", "health checks are all OK", "health verified")
LAST_GOOD = ("last known good is v{good}", "Last-known-good version: v{good}, from before the weekend")
ROLLED = (
    "rolled back to v{good}",
    "Rolled {service} back, now rolled back to v{good} everywhere",
    "reverted to v{good} in all regions",
)
NO_IMPACT = ("No customer impact, this is internal tooling only.", "Confirmed: no public impact.")
COMMANDER = (
    "I'm the incident commander",
    "Incident Commander: @{who}",
    "IC is @{who}",
    "I am IC, please report to me",
    "taking IC",
)
TAKES = {
    "Technical Lead": ("Technical Lead: @{who}", "tech lead is @{who}", "I'm the tech lead"),
    "DevOps Engineer": ("DevOps Engineer: @{who}", "DevOps is @{who}"),
    "Product Manager": ("Product Manager: @{who}", "PM: @{who}"),
    "Customer Success": ("Customer Success: @{who}", "CS is @{who}"),
}
HELD = (
    "Post-incident review held today. Covered: {items}.",
    "We have had it: the review was held. On the agenda: {items}.",
    "post-mortem held, notes are in the wiki. Items: {items}",
)
ITEMS = (
    "timeline review",
    "root cause analysis",
    "response effectiveness",
    "communication evaluation",
    "process improvement",
    "action items",
)
PUBLISHED = (
    "Public report is published: https://www.{team}.example/reports/{number}",
    "The post-incident report is live.",
)
BLAME = ("honestly this was his fault", "they should have known better", "that was careless")
# Near misses: none of these says that anything happened.
NEARLY = (
    "not mitigated yet, error rate still at 4 %",
    "mitigated?",
    "is it mitigated already?",
    "we are not mitigating by guess",
    "should we roll back to v2.13?",
    "I would not roll back to v2.12 yet",
    "could we revert to v2.11 if it gets worse?",
    "similar to INC-{other}, isn't it",
    "this looks like {other_key} from last month",
    "same as {other_key}?",
    "health checks are not passing yet",
    "are the health checks green?",
    "waiting for the health check to pass",
    "the review will be held on Thursday",
    "when is the review held?",
    "the report is not published yet",
    "should we say that the report is out?",
    "who is IC?",
    "can somebody be IC please",
    "I am not the incident commander",
    "is triage done?",
    "triage is not done yet",
    "has anyone acked?",
    "Ack?",
    "no customer impact yet, but close",
    "is there no customer impact at all?",
    "please post an incident update",
    "next INCIDENT UPDATE in ten minutes",
    "nobody blames anyone here",
    "not your fault",
    "resolved? or just quiet?",
    "RESOLVED is not the word yet",
)
IDLE = (
    "tickets are coming in from two customers",
    "thanks everybody",
    "I can take over in an hour",
    "coffee, back in five",
    "the graph in nyc looks the same as in fra",
    "who owns this config?",
    "pasting the stack trace in the doc",
    "+1",
    "same here",
    "restarting one host to see",
    "no idea, asking the vendor",
)
EMPTY = (
    "lunch at the new place?",
    "the build is slow today",
    "release notes are in review",
    "good morning",
    "badge printer is back",
)
