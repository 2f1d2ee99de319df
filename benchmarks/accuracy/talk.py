"""What people say in an incident: the channel, the roles, the updates to both audiences, and chatter."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from benchmarks.accuracy import words
from benchmarks.accuracy.world import ROLES, Act, Incident, Team, Update, delay

MINUTE = timedelta(minutes=1)
FIELDS = ("Impact", "Actions Taken", "Next Steps", "ETA")


class Scene:
    """An incident while it is being drawn."""

    def __init__(self, team: Team, incident: Incident, start: datetime, service: str) -> None:
        self.team, self.incident, self.start, self.service = team, incident, start, service
        self.dice = incident.dice
        self.alert: datetime | None = None
        self.declared = self.contained = start
        self.over: datetime | None = None
        self.first_over: datetime | None = None
        self.reopened: datetime | None = None
        self.major: datetime | None = None  # since when it called for what P1 and P2 call for
        self.lowered: datetime | None = None
        self.opened: datetime | None = None
        self.crew = list(team.people)
        for place in range(len(self.crew) - 1, 0, -1):
            other = self.dice.whole(0, place)
            self.crew[place], self.crew[other] = self.crew[other], self.crew[place]
        self.lead = self.crew[0]

    def add(self, act: Act) -> Act:
        """Something was done."""
        self.incident.acts.append(act)
        return act

    def happened(self, milestone: str, at: datetime) -> None:
        """The true moment of a milestone."""
        self.incident.truth.moments[milestone] = at

    def other(self, who: str) -> str:
        """Somebody else."""
        return next(one for one in self.crew if one != who)

    def before_end(self, at: datetime) -> bool:
        """Whether it was not over yet."""
        return self.over is None or at < self.over

    def channel_open(self, at: datetime) -> bool:
        """Whether the incident has its channel by then."""
        return self.opened is not None and at >= self.opened

    def severity_at(self, at: datetime) -> str:
        """The severity that held at that moment."""
        path = self.incident.truth.severities
        return [word for when, word in path if when <= at or when == path[0][0]][-1]

    def speak(self, at: datetime, text: str, who: str = "", **more: object) -> Act:
        """Somebody says it: in the incident's channel, or elsewhere by its key."""
        return self.add(Act(at, "say", who or self.lead, text, **more))  # type: ignore[arg-type]

    def check_health(self, at: datetime) -> None:
        """A health check is run, and its good outcome told."""
        self.incident.truth.health.append(at)
        self.speak(at, self.dice.pick(words.HEALTH), self.crew[1], tells={"health": True})


def converse(scene: Scene) -> None:
    """The channel with its people and roles (where the severity calls for one), then chatter."""
    dice, since = scene.dice, scene.major
    if since is not None:
        base = max(since, scene.declared)
        opened = base + delay(dice, 1.8, 0.9)
        if scene.before_end(opened) and dice.real(0, 1) < 0.96:
            _channel(scene, opened)
            _roles(scene, opened)
        if dice.real(0, 1) < 0.5:
            called = base + delay(dice, 2, 0.6)
            scene.add(Act(called, "say", scene.lead, dice.pick(words.CALL), tells={"team_notified": True}, room="ops"))
    _chatter(scene)


def _channel(scene: Scene, opened: datetime) -> None:
    dice, truth = scene.dice, scene.incident.truth
    began = scene.alert or scene.declared
    truth.opened_on = tuple(
        sorted({began.astimezone(ZoneInfo(scene.team.zone(who))).date().isoformat() for who in scene.team.people})
    )
    day = opened.astimezone(ZoneInfo(scene.team.zone(scene.lead))).date()
    if day.isoformat() not in truth.opened_on:
        day = began.date()
    chance = dice.real(0, 1)
    if chance < 0.03:
        truth.channel = f"incident-{scene.incident.number}"
    elif chance < 0.05:
        truth.channel = f"incident-{day - timedelta(days=31)}-{scene.incident.number}"
    else:
        truth.channel = f"incident-{day}-{scene.incident.number}"
    scene.opened = opened
    scene.happened("channel_opened", opened)
    scene.add(Act(opened, "channel", scene.lead, value=truth.channel, tells={"channel_opened": True}))
    for who in scene.crew[1 : 1 + dice.whole(1, 5)]:
        joined = opened + delay(dice, 3, 1.0)
        if scene.before_end(joined):
            scene.add(Act(joined, "join", who))


def _roles(scene: Scene, opened: datetime) -> None:
    dice, truth = scene.dice, scene.incident.truth
    for place, role in enumerate(ROLES):
        taken = opened + (delay(dice, 2, 0.9) if place == 0 else delay(dice, 9, 0.6))
        if not scene.before_end(taken) or dice.real(0, 1) > (0.97 if place == 0 else 0.95):
            continue
        who = scene.crew[place]
        text = dice.pick(words.COMMANDER if place == 0 else words.TAKES[role])
        truth.roles[role] = taken
        if place == 0:
            scene.happened("commanded", taken)
        tells = {f"role {role}": True} | ({"commanded": True} if place == 0 else {})
        scene.add(Act(taken, "role", who, text.format(who=who), value=role, tells=tells))


def _chatter(scene: Scene) -> None:
    """Things that nearly say something, and things that say nothing."""
    dice = scene.dice
    begin, end = max(scene.start, scene.declared), scene.over or scene.contained
    if scene.opened:
        begin = max(begin, scene.opened)
    span = min(end - begin, timedelta(hours=6))
    for _ in range(dice.whole(1, 6)):
        text = dice.pick(words.NEARLY if dice.real(0, 1) < 0.45 else words.IDLE)
        other = max(1000, scene.incident.number - dice.whole(1, 40))
        text = text.format(other=other, other_key=f"INC-{other}")
        act = Act(begin + span * dice.real(0.02, 0.98), "chatter", dice.pick(scene.crew), text)
        act.room = "" if scene.opened else "ops"
        scene.add(act)
    if scene.opened and dice.real(0, 1) < 0.03:
        scene.incident.truth.blame += 1
        scene.speak(begin + span * 0.9, dice.pick(words.BLAME), scene.crew[2])


def communicate(scene: Scene) -> None:
    """Internal updates by the template, and notices to customers."""
    if scene.major is None:
        return
    if scene.opened:
        _internal(scene)
    _public(scene)


def _phase(scene: Scene, at: datetime) -> str:
    begin = max(scene.start, scene.declared)
    if scene.reopened and at >= scene.reopened:
        return "FIXING"
    if at >= scene.contained:
        return "MONITORING"
    share = (at - begin) / max(scene.contained - begin, MINUTE)
    return "INVESTIGATING" if share < 0.35 else "IDENTIFIED" if share < 0.7 else "FIXING"


def _internal(scene: Scene) -> None:
    dice, truth = scene.dice, scene.incident.truth
    assert scene.opened is not None
    if dice.real(0, 1) < 0.05:
        return  # nobody ever posted one
    at = scene.opened + delay(dice, 6, 0.5)
    end = scene.over or scene.team.as_of
    stop = scene.lowered if scene.lowered and dice.real(0, 1) < 0.7 else end
    steady = dice.real(0.12, 0.3)
    strange = dice.real(0, 1) < 0.05
    while at < stop and len(truth.internal) < 40:
        if not (scene.first_over and scene.reopened and scene.first_over < at < scene.reopened):
            status = "STABILISING" if strange and len(truth.internal) == 2 else _phase(scene, at)
            _post(scene, at, status)
        at += delay(dice, 11.5, steady, 1)
    if scene.over and stop == end and dice.real(0, 1) < 0.9:
        _post(scene, scene.over + delay(dice, 0.8, 0.5), "RESOLVED")


def _post(scene: Scene, at: datetime, status: str) -> None:
    dice = scene.dice
    lacks: tuple[str, ...] = (dice.pick(FIELDS),) if dice.real(0, 1) < 0.03 else ()
    if status == "RESOLVED" and dice.real(0, 1) < 0.4:
        lacks = (*(f for f in lacks if f != "ETA"), "ETA")
    scene.incident.truth.internal.append(Update(at, status, lacks))
    tells = {"first_update": True}
    if status == "INVESTIGATING":
        tells["investigated"] = True
    if status == "MONITORING":
        tells["mitigated"] = False
    if status == "RESOLVED":
        tells["resolved"] = False
    who = scene.crew[dice.whole(0, 1)]
    act = scene.add(Act(at, "update", who, ",".join(lacks), value=status, tells=tells))
    if dice.real(0, 1) < 0.05:
        act.edited = True


def _public(scene: Scene) -> None:
    dice, truth = scene.dice, scene.incident.truth
    since = max(scene.major or scene.declared, scene.declared)
    chance = dice.real(0, 1)
    if chance < 0.12:
        said = since + delay(dice, 12, 0.6)
        if scene.before_end(said):
            truth.no_impact = said
            tells = {"no_impact": True, "status_page_started": True}
            scene.speak(said, dice.pick(words.NO_IMPACT), tells=tells)
        if chance > 0.02:
            return
    elif chance < 0.18:
        return  # customers were told nothing
    at = since + delay(dice, 20, 0.45)
    end = scene.over or scene.team.as_of
    while at < end and len(truth.public) < 30:
        word = "monitoring" if at >= scene.contained else "investigating" if not truth.public else "identified"
        _notice(scene, at, word)
        at += delay(dice, 23, 0.22, 2)
    if truth.public and scene.over and dice.real(0, 1) < 0.94:
        at = scene.over + delay(dice, 9, 0.9)
        _notice(scene, at, "resolved")
        scene.happened("resolution_notice", at)


def _notice(scene: Scene, at: datetime, word: str) -> None:
    tells = {"first_notice": True, "status_page_started": True}
    if word == "investigating":
        tells["investigated"] = True
    if word == "monitoring":
        tells["mitigated"] = False
    if word == "resolved":
        tells |= {"resolution_notice": True, "resolved": False}
    scene.incident.truth.public.append(Update(at, word))
    scene.add(Act(at, "notice", text=f"We are {word} this. The next update follows.", value=word, tells=tells))
