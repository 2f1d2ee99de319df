"""Words that stand in names as well as in sentences: when to take them for a name, and when never."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Vocabulary of accounts, tools and incidents, titles and pronouns. A display name may hold them ("Ops Team", "Data
# Platform"); alone they name nobody, whatever their case.
NEVER = _words(
    """
    a account accounts action actions admin administrator agent alert alerting alerts all am analytics and api app apple
    apps architecture at automation backend backup billing board bot bots bridge browser build builder builds business
    by cache call cd center centre change changes channel chat check checks ci client clients cloud cluster code command
    commander commit common comms communications compliance config connector console contact container contractor core
    cpu critical cron customer customers daily dashboard data database db default delete deleted demo department deploy
    deployer deployment desk dev develop developer developers development devops director disk dns docker docs domain
    down dr eng engineer engineering engineers enterprise error errors escalation event events everyone example ext
    extern external failed failure feature feed feeds fix for from frontend gateway github gitlab global gmt google gpu
    group guest handler handlers he health help helpdesk her here hers hi high him his hook hooks http https i id ii iii
    impact inbox incident incidents info infra infrastructure integration integrations intern internal io ip it item its
    iv jenkins jira job jobs jr js json k8s kafka kube kubernetes lab labs lead leader level linux list live local log
    logger logging logs low machine mail maintenance management manager managers md me medium message messages metric
    metrics minor miss mobile mode model monitor monitoring monthly mr mrs ms my mysql name net network new node nodes
    noreply normal not notice notification notifications null of office official ok old on oncall online open operation
    operations operator ops or order orders org our outage owner owners p1 p2 p3 p4 pager pagerduty payment payments pg
    phd pipeline platform pm pod pods policy post postgres pr primary priority process prod product production products
    prof program project projects proxy public qa query queue rds read redis relay release releases reliability replica
    repo report reporter reports request requests resolved responder response review reviewer roadmap role rollback root
    run runner sales sample sandbox schedule scheduled script search secondary secops security sender sentry server
    servers service services session severity shared she site slack smoke soc software source specialist sql sr sre srv
    ssh stage staging start state status stop storage store stream success support svc sync sys sysadmin system systems
    task tasks team teams tech technical template test tester testing tests the their them they ticket tickets time
    timeline tl tmp to token tool tools traffic triage twilio ui unassigned unknown up update updates urgent url us user
    users utc ux version via video vm vpn warning we web webhook weekly with worker workers workflow yaml yes you your
    zapier zendesk zoom
    """
)

# Closed-class words, and particles of names, that are surnames too. With a capital they are taken for the name, but not
# at the beginning of a sentence, where everything has one.
SHY = _words(
    """
    al an any are as ask be been bin but can could da das de del della den der di did do does done dos du each el else
    few go got had has have how if in into is just la las le less let like los made make many more most much must near
    next no nor now off once only out over own per said same say see set should since so some soon still such ten ter
    than that then there these this those though thus too under until van very von was well went were what when where
    which while who why would yet zu zur
    """
)

PARTICLES = _words("al bin da de del della den der di do dos du el la le ten ter van von zu zur")

# Words that people are called by. In lower case they are words; with a capital they are taken for the name.
WORDS = _words(
    """
    abide ace achieve act ad add age ah aid aim air amber angel answer ant apex apr april arch arm army arrow art ash
    aster atlas atom aug august aura autumn ax baker bank banks barn barnes baron base basil bay bean bear beat bell
    bells berry best bet better bid bill bird bishop bit black blade blank bless bliss block blue bold bolt bond book
    books boss bow box boxer boy branch brand brave bread breeze brick bridges brief bright bring broad brook brooks
    brown buck bug bull burns bush butler camp candy carpenter carry case cash cat chain chance charity chase cherish
    cherry chips church clarity clay clean clear cliff climb clock close coal coffin cold cook cool corner cost cotton
    count court cove cover craft crane cream crew crisp cross crow crystal current curry cut cy dash date dawn day deal
    dean dear debug dec december deep deer delta dent dial dip direct dog dollar dot dove draw dream drew drift drive
    driver drop drum duke dust earl early ease east easy echo ed edge eh ember essence eve even ever ex fair faith fall
    farmer fast fate feather feb february field fields fig file find finder fine finer fire first fish fisher fit flag
    flame fleet flint float flood flow flower fly focus follow foot force ford forest forward found fountain fox frame
    frank free french fresh fri friday friend front frost full fuse gale game games gardner gate gates gay gene genesis
    gentle german giant gill ginger glass glove gold golden good grace grand grant grass gray great green grey grid
    grove grow guard gust guy ha half hall ham hand hands happy harbor harbour hard harmony harp hart haven hawk hay
    head heal heard heart heath held hero hide highway hill hills hit ho hold holder hole home homes honest honey honor
    honour hope horn horse host house hub hunt hunter hurt ice idle image index infinity ink iron island issue jack jade
    jan january java jet joiner joint joke journey joy judge jul july jun june junior keen keep kernel key keys kind
    king kiss kit knight knot label lady lake lamb lance land lane last late law lawn lay leaf learn ledger left leg
    legend li liberty life lift light lime limit linden line link links lion lit little lo load loader lock long lotus
    loud love loyal luck lucky lynx ma mace magic magnolia major maker man manly map maple mar marble march marina mark
    mars marsh marshal mask mason mast master match max may meadow melody memory mentor mercy merge merit merry meta
    metal mi might mild miles milk mill miller mills min mind mine ming mint mirror mist misty module moment mon monday
    money moody moon moor moss mount mouse music nail nature neat need nest nickel night noble north nov nova november
    number oak ocean oct october oh olive opal orange orbit orchid ow owl pace page paint palm pan panther parent park
    parse part pass pat patch path patience pause peace peak pear pearl pen penny pepper perl phoenix pi pick pierce
    pike pilot pine ping pink pixel place plain planet plant play plum point pole pool poor pope poppy port porter ports
    pot potter pound power powers pray press price pride prime prince princess print proof proud pulse pure purple push
    py queen quick quiet quote race radar rain raise ranger rank rate raven ray re reader ready real reason record red
    redwood reed reef remedy reply reset rest result rice rich ridge right ring rise rising river rivers rivet road rob
    robin robot rock rocky rod roll roman rook room rope rose round route row royal ruby rule runs rush rust rusty sage
    sail sailor saint salt sandy sat saturday savage scan scope scout sea seal season sell send senior sep september
    serene serenity shade shadow share shark sharp shell shepherd shift shine ship shore short shot sierra sign signal
    silence silk silver simple singer sister skip sky slate sleep sloan slow small smart snap snow soft solar solo son
    song sort soul south space spark sparks speed spirit split spot spring sprout square staff stamp stand star starr
    stars steady steam steel step stern stick stock stone storm stormy story strange straw street stretch stride stroke
    strong style sue sugar summer sun sunday sung sunny swan sweet swift switch table tag talent talk tall target teal
    temple tempo tender term text theme thistle thorn thrift thu thursday tide tiger tile timber toll topaz topic torch
    total touch tower town toy trace tracer track trade trail train tree trees trend trip true trust truth ts tue
    tuesday tulip tune turbo turner twin ty type um un union unit unity valley value vector vega venture verify verse
    view vine violet violin virtue vision vista voice volume wait walk walker wall wallet war ward warden warm wash
    watch water waters wave way ways weather weaver wed wednesday weed wells west whale wheat wheel whip white wick wild
    will willow win wind window wine wing winter winters wise wish wit wolf wood woods wool word words work worth wren
    xi yard year york young zen zero zone
    """
)

# What follows a modal verb or an imperative at the beginning of a sentence, and never a name.
GOES_ON = _words(
    """
    a add all also an any as ask back be both bring call change check come deploy do done drop each every fix follow get
    give go have he help her here his i it its join keep know let like look make me my need no not now only open our
    page pick ping post prepare provide publish push put report restart retry roll run send share she soon start stay
    stop such sure take tell test that the their them then there these they this those try turn update us use wait we
    work write you your
    """
)

# Months and days are written with a capital; where a date is told they are no names.
DATES = _words(
    """
    apr april aug august dec december feb february fri friday jan january jul july jun june mar march may mon monday nov
    november oct october sat saturday sep september sun sunday thu thursday tue tuesday wed wednesday
    """
)
BEFORE_DATES = _words("in on since until till by of last next this early late mid from before after and to")
