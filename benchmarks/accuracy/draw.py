"""Drawing an incident: when it fired, who did what and when, and hence its truth."""

from __future__ import annotations

from datetime import datetime, timedelta

from benchmarks.accuracy import words
from benchmarks.accuracy.talk import Scene, communicate, converse
from benchmarks.accuracy.world import MAJOR, MILESTONES, Act, Incident, Team, Truth, delay
from podanalytics.sample.dice import LOWER, UPPER, Dice

# Of these the first of several tellings is the true moment.
EARLIEST = ("team_notified", "responded", "investigated", "status_page_started", "first_update", "first_notice")
RESPONDS = ("ack", "chat_ack", "look", "status", "comment")  # what a responder does; saying anything in the channel too
SAID = ("say", "update", "role", "chatter")
MINUTE = timedelta(minutes=1)


def draw(team: Team, number: int, at: datetime, kind: str) -> Incident:
    """One incident of that number, whose alert fires (or that is reported) at `at`."""
    dice = Dice(team.seed, team.name, number)
    severity = ("P1", "P2", "P2", "P3", "P3", "P4")[dice.whole(0, 5)]
    if kind == "transient":
        severity = ("P3", "P4")[dice.whole(0, 1)]
    elif kind in ("open", "reopened"):
        severity = ("P1", "P2")[dice.whole(0, 1)]
    ids = Dice(team.seed, team.name, number, "ids")
    service = dice.pick(words.SERVICES)
    incident = Incident(
        number=number,
        key=f"INC-{number}",
        pager="Q" + ids.code(UPPER, 13),
        page=ids.code(LOWER, 12),
        title=f"{service}: {dice.pick(words.SYMPTOMS)}",
        truth=Truth([], dict.fromkeys(MILESTONES)),
        acts=[],
        kind=kind,
        dice=dice,
    )
    scene = Scene(team, incident, at, service)
    _alert(scene, kind)
    _frame(scene, severity, kind)
    if kind != "transient":
        _severities(scene, severity)
        _work(scene)
        converse(scene)
        communicate(scene)
        _rollback(scene)
        _aftermath(scene)
    _settle(scene)
    return incident


def _alert(scene: Scene, kind: str) -> None:
    """The alert, the page, and what people and machines did with it in the pager."""
    dice, at = scene.dice, scene.start
    if kind == "reported":
        return
    scene.alert = at
    scene.add(Act(at, "trigger", text=scene.incident.title, tells={"alert_fired": True}))
    scene.happened("impact_started", at - delay(dice, 4, 0.8))
    if dice.real(0, 1) < 0.5:
        began = scene.incident.truth.moments["impact_started"]
        scene.add(Act(began or at, "backdate", tells={"impact_started": True}))  # written where there is a page entry
    first = dice.pick(scene.team.people)
    slow = dice.real(0, 1) < 0.06
    scene.add(Act(at + delay(dice, 7 if slow else 0.3, 0.4), "notify", first, tells={"team_notified": True}))
    if dice.real(0, 1) < 0.1:
        scene.add(Act(at + delay(dice, 0.2, 0.3), "bot_ack"))
    chance = dice.real(0, 1)
    if kind == "transient":
        return
    acked = at + delay(dice, 2.4, 0.75, 0.3)
    if chance < 0.90:
        scene.add(Act(acked, "ack", first, tells={"acknowledged": True}))
        scene.happened("acknowledged", acked)
    elif chance < 0.95:
        scene.add(Act(acked, "chat_ack", first, dice.pick(words.CHAT_ACK), tells={"acknowledged": True}, room="ops"))
        scene.happened("acknowledged", acked)
    if chance < 0.06:
        scene.add(Act(acked + 30 * MINUTE, "unack"))
        scene.add(Act(acked + 30 * MINUTE + delay(dice, 0.5, 0.5), "trigger", text=scene.incident.title))
        scene.add(Act(acked + 30 * MINUTE + delay(dice, 4, 0.5), "ack", scene.other(first)))
    if dice.real(0, 1) < 0.07:
        before = dice.real(0, 1) < 0.25
        second = at - delay(dice, 1, 0.5) if before else at + delay(dice, 3, 0.6)
        scene.incident.duplicate = "Q" + Dice(scene.team.seed, scene.incident.key, "duplicate").code(UPPER, 13)
        scene.add(Act(second, "duplicate", tells={"alert_fired": True} if before else {}))
        scene.add(Act(max(second, acked) + delay(dice, 8, 0.4), "merge", first))
        scene.alert = min(at, second)


def _frame(scene: Scene, severity: str, kind: str) -> None:
    """When it was declared, contained and over."""
    dice, at = scene.dice, scene.start
    if kind == "transient":
        over = at + delay(dice, 3, 0.7, 0.5)
        scene.add(Act(over, "auto_resolve", tells={"resolved": True}))
        scene.happened("resolved", over)
        # Nobody made a ticket: the pager's priority is all there is of a severity.
        scene.incident.truth.severities = [(at, severity)]
        return
    declared = at if kind == "reported" else at + delay(dice, 3 if severity in MAJOR else 6, 0.6)
    if kind == "early":
        declared = at - delay(dice, 2, 0.6)
    scene.declared = declared
    contained = max(declared, at) + delay(dice, {"P1": 45, "P2": 60, "P3": 100, "P4": 400}[severity], 0.8, 6)
    if kind == "dst":
        contained = at + 90 * MINUTE
    if kind == "long":
        contained = at + timedelta(hours=25)
    scene.contained = contained
    scene.over = None if kind == "open" else contained + delay(dice, 25, 0.7, 2)
    scene.happened("declared", declared)
    who = scene.lead
    scene.add(Act(declared, "declare", who, tells={"declared": True}))


def _severities(scene: Scene, severity: str) -> None:
    """The severity: set at once or some minutes later, set wrong and put right, raised or lowered on the way."""
    dice, declared = scene.dice, scene.declared
    first = declared if dice.real(0, 1) < 0.75 else declared + delay(dice, 2, 0.7)
    path = [(first, severity)]
    chance = dice.real(0, 1)
    end = scene.over or scene.contained
    middle = max(scene.start, first) + (end - max(scene.start, first)) * dice.real(0.2, 0.6)
    roomy = middle - first > 10 * MINUTE and end - middle > 10 * MINUTE
    if chance < 0.05:
        wrong = ("P3", "P2")[severity == "P1"] if severity != "P3" else "P2"
        path = [(first, wrong), (first + timedelta(minutes=0.5 + 80 * chance), severity)]
    elif chance < 0.13 and severity in ("P2", "P3") and roomy:
        path.append((middle, "P1" if severity == "P2" else ("P1", "P2")[dice.whole(0, 1)]))
    elif chance < 0.20 and severity in MAJOR and roomy:
        path.append((middle, "P2" if severity == "P1" else "P3"))
    scene.incident.truth.severities = path
    scene.happened("severity_set", path[0][0])
    for number, (when, word) in enumerate(path):
        tells = {"severity_set": True} if number == 0 else {}
        scene.add(Act(when, "severity", scene.lead, value=word, tells=tells))
    majors = [when for when, word in path if word in MAJOR]
    if majors:
        slip = len(path) > 1 and path[1][0] - path[0][0] < 5 * MINUTE
        scene.major = scene.declared if path[0][1] in MAJOR or slip else majors[0]
    if len(path) > 1 and path[-1][1] not in MAJOR and path[0][1] in MAJOR:
        scene.lowered = path[-1][0]


def _work(scene: Scene) -> None:
    """Investigating, triage, the tracker's statuses, containment and the end, told by the people who did it."""
    dice, begin = scene.dice, max(scene.start, scene.declared)
    looked = scene.start + delay(dice, 3.2, 0.65)
    scene.add(Act(looked, "look", scene.lead, dice.pick(words.LOOKING), tells={"investigated": True}, room="ops"))
    moved = begin + delay(dice, 5, 0.7)
    if scene.before_end(moved) and dice.real(0, 1) < 0.8:
        scene.add(Act(moved, "status", scene.lead, value="Investigating", tells={"investigated": True}))
    triaged = max(scene.start + delay(dice, 11, 0.4), looked)
    if scene.before_end(triaged) and dice.real(0, 1) < 0.93:
        text = dice.pick(words.TRIAGED).format(severity=scene.severity_at(triaged), service=scene.service)
        scene.happened("triaged", triaged)
        scene.speak(triaged, text, tells={"triaged": True})
    contained = scene.contained
    if scene.over or dice.real(0, 1) < 0.5:
        scene.happened("mitigated", contained)
        scene.speak(contained, dice.pick(words.MITIGATED), tells={"mitigated": True})
        later = contained + delay(dice, 1.2, 0.8)
        if scene.before_end(later) and dice.real(0, 1) < 0.7:
            scene.add(Act(later, "status", scene.lead, value="Monitoring", tells={"mitigated": False}))
    if scene.over:
        _ends(scene, scene.over)


def _ends(scene: Scene, over: datetime) -> None:
    dice = scene.dice
    if scene.incident.kind == "reopened":
        scene.first_over = over
        scene.add(Act(over, "status", scene.lead, value="Resolved"))
        again = over + delay(dice, 40, 0.5, 8)
        scene.add(Act(again, "status", scene.lead, value="Reopened"))
        scene.reopened = again
        over = scene.over = again + delay(dice, 35, 0.5, 10)
    scene.happened("resolved", over)
    scene.add(Act(over, "status", scene.lead, value="Resolved", tells={"resolved": True}))
    if scene.alert and dice.real(0, 1) < 0.8:
        scene.add(Act(over + delay(dice, 1.5, 0.8), "pager_resolve", scene.lead, tells={"resolved": False}))
    if dice.real(0, 1) < 0.6:
        closed = over + delay(dice, 3 * 1440, 0.4)
        scene.happened("closed", closed)
        scene.add(Act(closed, "status", scene.lead, value="Closed", tells={"closed": True}))


def _rollback(scene: Scene) -> None:
    """Rolling back (in one of four major incidents), and whether health was verified after mitigation."""
    dice, truth = scene.dice, scene.incident.truth
    mitigated, over = truth.moments["mitigated"], scene.over
    good = f"2.{dice.whole(3, 19)}.{dice.whole(0, 9)}"
    chance = dice.real(0, 1)
    span = scene.contained - max(scene.start, scene.declared)
    if dice.real(0, 1) < (0.25 if scene.major else 0.08):
        back = scene.contained - span * dice.real(0.05, 0.2)
        if chance > 0.10:
            named = back - span * dice.real(0.02, 0.15) if chance > 0.15 else back + 2 * MINUTE
            truth.steps["last_good"] = named
            scene.speak(named, dice.pick(words.LAST_GOOD).format(good=good), tells={"last_good": True})
        truth.steps["rollback"] = back
        text = dice.pick(words.ROLLED).format(good=good, service=scene.service)
        scene.speak(back, text, tells={"rollback": True})
        if chance > 0.95:
            scene.check_health(back - MINUTE)
        elif chance > 0.2:
            scene.check_health(back + delay(dice, 1.5, 0.4))
    if mitigated and over and scene.major and dice.real(0, 1) < 0.8:
        scene.check_health(mitigated + (over - mitigated) * dice.real(0.1, 0.9))


def _aftermath(scene: Scene) -> None:
    """The review and the public report."""
    dice, truth, over = scene.dice, scene.incident.truth, scene.over
    if not (scene.major and over):
        return
    if dice.real(0, 1) < 0.9:
        held = over + delay(dice, 27 * 60, 0.5)
        items = [item for item in words.ITEMS if dice.real(0, 1) < (0.6 if dice.real(0, 1) < 0.1 else 1.0)]
        truth.agenda = tuple(items)
        scene.happened("reviewed", held)
        text = dice.pick(words.HELD).format(items=", ".join(items))
        comment = dice.real(0, 1) < 0.4
        act = Act(held, "comment" if comment else "say", scene.lead, text, tells={"reviewed": True, "agenda": True})
        scene.add(act)
    if dice.real(0, 1) < 0.85:
        out = over + delay(dice, 30 * 60, 0.5)
        scene.happened("reported", out)
        if truth.public and dice.real(0, 1) < 0.6:
            scene.add(Act(out, "postmortem", text="What happened, and what we change.", tells={"reported": True}))
        else:
            text = dice.pick(words.PUBLISHED).format(team=scene.team.name, number=scene.incident.number)
            scene.add(Act(out, "say", scene.lead, text, tells={"reported": True}))


def _settle(scene: Scene) -> None:
    """The moments of which the first of several acts is the true one, and which record is of that very moment."""
    incident, truth, alert = scene.incident, scene.incident.truth, scene.alert
    incident.acts = [act for act in incident.acts if act.at <= scene.team.as_of]
    incident.acts.sort(key=lambda act: act.at)
    truth.moments = {m: at if at and at <= scene.team.as_of else None for m, at in truth.moments.items()}
    truth.moments["alert_fired"] = alert
    _forget_later(scene)
    for act in incident.acts:
        in_channel = act.verb in SAID and not act.room and scene.channel_open(act.at)
        if act.who and (act.verb in RESPONDS or in_channel) and not (alert and act.at < alert):
            act.tells.setdefault("responded", False)
        if act.verb in ("look", *SAID) and act.who:
            truth.spoken = True
    for milestone in EARLIEST:
        telling = [act for act in incident.acts if milestone in act.tells]
        first = min((act.at for act in telling), default=None)
        truth.moments[milestone] = first
        for act in telling:
            act.tells[milestone] = act.at == first
    for act in incident.acts:
        if act.verb == "duplicate" and "alert_fired" in act.tells:
            next(a for a in incident.acts if a.verb == "trigger").tells["alert_fired"] = False


def _forget_later(scene: Scene) -> None:
    """What comes after the moment of judging has not happened yet."""
    truth, as_of = scene.incident.truth, scene.team.as_of
    truth.agenda = truth.agenda if truth.moments["reviewed"] else ()
    truth.internal = [u for u in truth.internal if u.at <= as_of]
    truth.public = [u for u in truth.public if u.at <= as_of]
    truth.health = [at for at in truth.health if at <= as_of]
    truth.steps = {name: at for name, at in truth.steps.items() if at <= as_of}
    seen: dict[str, datetime] = {}
    for act in scene.incident.acts:
        there = act.verb in ("channel", "join") or (act.verb in SAID and not act.room and scene.channel_open(act.at))
        if act.who and there:
            seen.setdefault(act.who, act.at)
    truth.present = sorted(seen.values())
