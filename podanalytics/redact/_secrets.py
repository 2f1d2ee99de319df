"""Secrets and addresses by their shape: what people paste into chats and programs write into logs.

Each shape says which words a text must hold for it to be looked for at all, and reads a text once from left to right:
what repeats is bounded, or cannot be entered again from the middle. `keep` is what stays readable, such as the name of
a secret.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MASKED = "[masked]"
E_MAIL = "[e-mail]"


@dataclass(frozen=True, slots=True)
class _Shape:
    needs: tuple[str, ...]  # one of these is in the lower-cased text
    pattern: re.Pattern[str]


def _shape(needs: str, pattern: str) -> _Shape:
    return _Shape(tuple(needs.split()), re.compile(pattern, re.VERBOSE))


# A value in quotes of any kind to its end, behind the name of its scheme, or up to the next blank.
_QUOTED = r"""
    \\"(?:(?!\\?")[^\r\n])*+(?:\\")? | "(?:[^"\\\r\n]|\\.)*+"? | '(?:[^'\\\r\n]|\\.|'')*+'?
    | `[^`\r\n]*+`? | “[^”\r\n]*+”?
"""
_BARE = r"""
    (?:[^\s"'`“&<>,;] | ["'>](?=\w) | <(?![/A-Za-z!]) | [,;&](?!\s|$|["'}\])]|[\w.%-]{1,40}[=:]))+(?<![)}\]*_.!?])
"""
_VALUE = rf"""(?!\[masked\])(?:{_QUOTED} | (?i:(?:bearer|basic|token|digest)\s{{1,4}})?{_BARE})"""
# What a sentence goes on with where somebody else would write the secret.
_TALK = r"""(?!(?i:it|its|the|a|an|this|that|these|we|i|they|he|she|you|not|no|and|or|but|if|when|where|who|why|how|is
    |was|are|to|for|in|on|of|at|by|with|from|there|please|can|could|should|must|will|may|has|have|had|expired)
    (?=[\ \t]{1,4}[\w'(])|see\b)"""
_STATES = r"""(?!(?i:wrong|right|correct|incorrect|expired|expiring|invalid|valid|missing|bad|old|new|weak|strong|safe
    |secret|empty|blank|set|unset|reset|being|stored|kept|saved|sent|shared|required|needed|rotated|changed|leaked|gone
    |out|still|now|never|always|also|already|too|only|just|hashed|encrypted|masked|known|unknown|good|fine|ok|okay
    |rejected|refused|accepted|different|same|visible|public|hidden|broken|locked|used|unused|asked|compromised|stale
    |about|because|so|what|something|nothing|one|our|your|my|their|his|her|the|a|an|not|no|in|on|it)
    \b(?![\w$!@\#%^-]))"""
_HEADER = r"(?i:(?:proxy-)?authorization|(?:set-)?cookie2?|x-(?:api-key|auth-token|vault-token)|private-token)"
_NAME = r"""(?i:pass(?:word|wd|phrase|code)s? | pwd | (?<![a-z])pw | secrets? | tokens? | credentials? | (?<![a-z])otp
    | authorization | cookies?
    | (?:api|access|secret|private|account|signing|encryption|shared)[\ _-]?(?:access[_-]?)?key
    | connection[_-]?string | (?<=["'])pass(?=["']))
    (?i:[_-]?(?:access[_-]?)?(?:key|id|value|hash|text|base64|b64|v?\d{1,2}|old|new|prod|staging|dev|test|live))?
    (?:_\w{1,40})?"""
# Besides signs: the end of an opening tag, and the comma of a pair.
_SIGN = r"""(?:[\\"'`*]{0,4}\s{0,8}(?:=>|:=|={1,2}|:(?!//)|：|%3[AaDd])[*_]{0,2}\s{0,8}
    | >(?=[^<\s]) | ["']\s{0,2},\s{0,2}(?=(?:"[^"\n]{1,200}"|'[^'\n]{1,200}')\s{0,2}[)\]]))"""

_SHAPES = (
    _shape(
        "-----begin",
        r"""-----BEGIN[\ A-Z0-9]{0,40}PRIVATE\ KEY(?:\ BLOCK)?-----
            [\s\S]*?(?:-----END[\ A-Z0-9]{0,40}PRIVATE\ KEY(?:\ BLOCK)?-----|\Z)""",
    ),
    # Whole headers: to the closing quote where one stands before the name, else to the end of the line.
    _shape(
        "authorization cookie x-api-key -token",
        rf"""(?P<keep>(?P<quote>["'])(?:{_HEADER})\s{{0,4}}:\s{{0,4}})(?!\[masked\])(?:(?!(?P=quote))[^\r\n])++
           | (?P<keep2>(?<![\w"'-])(?:{_HEADER})\s{{0,4}}:(?!//)\s{{0,4}})(?!\[masked\]){_TALK}[^\s][^\r\n]*+""",
    ),
    _shape("cookie", r"(?P<keep>(?i:cookies?)=)(?!\[masked\])[^\s;]++(?:;\s{0,2}[\w.-]{1,60}=[^\s;]*+)*+"),
    _shape(
        "cred login",
        rf"""(?P<keep>(?i:\b(?:creds?|credentials|login)(?:\sis|\sare)?:?\s{{1,4}}))[\w.@+-]{{1,60}}\s?[/:|]\s?
            (?=\S{{0,60}}\d)(?=\S{{0,60}}[A-Za-z]){_BARE}""",
    ),
    # name = value, in every notation
    _shape(
        "passw passp passc pwd pw secret token key cred authorization cookie string pass otp",
        rf"(?P<keep>{_NAME}{_SIGN}){_TALK}{_VALUE}",
    ),
    _shape(
        "pass= session= session_id= sessionid= sessid= sid= sig= signature= auth= key=",
        r"""(?P<keep>(?i:pass|(?<![a-z])(?:\w{0,12}sess(?:ion)?[_-]?(?:id)?|sid|sig|auth)|signature|(?<=[?&])key)=)
            (?!\[masked\])[^\s"'&<>,;]++""",
    ),
    _shape(
        "passwor kennwort contrase passe senha пароль 密 パスワード 비밀번호",
        rf"""(?P<keep>(?i:passwort|kennwort|contraseña|mot\ de\ passe|senha|пароль|密码|密碼|パスワード|비밀번호)
            \s{{0,4}}(?:[:=：]|\b(?:ist|lautet|es|est|é)\b)\s{{0,4}}){_VALUE}""",
    ),
    # in sentences
    _shape("pass:", rf"(?P<keep>(?i:\bpass:\s{{0,4}}))(?=\S{{0,60}}\d)(?=\S{{0,60}}[A-Za-z]){_VALUE}"),
    _shape(
        "passw passp passc pw",
        rf"""(?P<keep>(?i:\b(?:pass(?:word|wd|phrase|code)|pwd|pw)\b(?:\s(?:for|of|to|on|in)\s[^\n.:;]{{1,40}}?)?
               \s{{1,4}}(?:is|was)\b\s{{0,4}}(?:now\s{{1,4}}|still\s{{1,4}})?:?\s{{0,4}})){_TALK}{_STATES}{_VALUE}
           | (?P<keep2>(?i:\b(?:password|passwd|passphrase|pwd|pw)\s{{1,3}}))
               (?!\[masked\])(?:["'`“](?:{_BARE})|(?=[^\s]{{0,60}}\d)(?=[^\s]{{0,60}}[A-Za-z])(?=\S{{6}}){_BARE})""",
    ),
    _shape(
        "token secret key",
        rf"""(?P<keep>(?i:\b(?:token|secret|(?:api|access|secret|private|signing|license)\ key)
            \s{{1,4}}(?:is|was):?\s{{1,4}}))
            (?!\[masked\])(?:(?=["'`]){_VALUE}|(?=\S{{0,60}}\d)(?=\S{{0,60}}[A-Za-z])(?=\S{{6}}){_BARE})""",
    ),
    # on the command line
    _shape(
        "mysql mariadb sshpass login redis-cli mongo ldap",
        rf"""(?P<keep>\b(?:mysql\w{{0,10}}|mariadb[\w-]{{0,10}}|sshpass|login|redis-cli|mongo\w{{0,8}}|ldap\w{{0,8}})\b
            [^\n|;]{{0,200}}?\s-[paw]\s?)(?=[^\s-]){_VALUE}""",
    ),
    _shape(
        "-u --user --proxy-user",
        r"""(?P<keep>(?<!\S)(?:-u|--(?:proxy-)?user)[\ =]{0,3})(?!\d+:\d+(?:\s|$))
            (?:"[^"\s:]{1,100}:[^"\n]*+"? | '[^'\s:]{1,100}:[^'\n]*+'? | [^\s:"']{1,100}:[^\s"']++)""",
    ),
    _shape(
        "password passwd pass token secret key",
        rf"(?P<keep>(?<!\S)--[\w-]{{0,30}}(?:password|passwd|pass|token|secret|key)\s)(?=[^\s-]){_VALUE}",
    ),
    _shape("identified", rf"(?P<keep>(?i:\bidentified\s{{1,4}}(?:with\s\S{{1,60}}\s)?by\s{{1,4}}))(?=[\"']){_VALUE}"),
    _shape(
        "bearer basic",
        r"""(?i:\bbearer\s{1,4})(?:(?=[\w.~+/-]{0,60}\d)[\w.~+/-]{6,}+|[\w.~+/-]{12,}+)=*+
          | (?i:\bbasic\s{1,4})(?=[\w+/]{1,60}[A-Z\d+/=][a-z]{0,60}[A-Z\d+/=])[A-Za-z0-9+/]{8,}+=*+""",
    ),
    # addresses: what stands before the host, and those whose path is the secret
    _shape("://", r"(?<=://)(?:[^\s/@]{0,100}:[^\s/]{0,200}|[^\s/@:]{16,200})(?=@)"),
    _shape(
        "hooks.slack.com webhook",
        r"""(?P<keep>hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/webhooks/
            |outlook\.office\.com/webhook/|\.webhook\.office\.com/)[^\s"'<>)|,]++""",
    ),
    # tokens that their makers marked
    _shape(
        "xox xapp- gh github_pat gl akia asia eyj aiza ya29. sk rk pk whsec sg. npm_ pypi- hf_ dckr_pat dop_v1 shp "
        "lin_ hvs. age-secret sq0 nrak-",
        r"""(?<![A-Za-z0-9])(?:
            xox[a-z]-[\w-]{8,}+ | xoxe\.xox[a-z]-[\w-]{8,}+ | xapp-[\w-]{8,}+
          | gh[pousr]_\w{16,}+ | github_pat_\w{16,}+ | gl(?:pat|dt|rt|ptt|soat|cbt|ft|agent|imt)-[\w.-]{10,}+
          | (?:AKIA|ASIA)[A-Z0-9]{12,}+ | AIza[\w-]{20,}+ | ya29\.[\w-]{16,}+
          | (?:sk|rk|pk)_(?:live|test)_\w{8,}+ | whsec_\w{8,}+ | sk-(?:proj-|ant-|svcacct-|or-)?[\w-]{16,}+
          | SG\.[\w-]{8,}+\.[\w-]{8,}+ | npm_\w{16,}+ | pypi-[\w-]{16,}+ | hf_\w{16,}+ | dckr_pat_[\w-]{8,}+
          | dop_v1_\w{16,}+ | shp(?:at|ca|pa|ss)_\w{16,}+ | lin_(?:api|oauth)_\w{16,}+ | hvs\.[\w-]{16,}+
          | AGE-SECRET-KEY-\w{16,}+ | sq0[a-z]{3}-[\w-]{16,}+ | NRAK-\w{16,}+
          | (?<![\w.-])eyJ[\w-]{8,}+\.[\w-]{8,}+(?:\.[\w-]*+)?
        )""",
    ),
)
# user@host too, but neither versions and digests nor the rooms that a chat calls by @.
_ADDRESS = re.compile(
    r"""(?<![\w.+-])[\w.+-]++(?<=[\w+-])(?:@|%40)
        (?:[\w-]++(?:\.[\w-]++)++|(?!(?:v\d+|sha\d+|latest|main|master|here|channel|everyone)\b)[^\W\d_][\w-]*+)""",
    re.VERBOSE | re.IGNORECASE,
)


def without_secrets(text: str) -> str:
    """The text with every secret masked.

    >>> without_secrets('{"password": "correct horse"}')
    '{"password": [masked]}'
    """
    lower = text.lower()
    for shape in _SHAPES:
        for word in shape.needs:
            if word in lower:
                text = shape.pattern.sub(_masked, text)
                break
    return text


def _masked(hit: re.Match[str]) -> str:
    groups = hit.groupdict()
    return (groups.get("keep") or groups.get("keep2") or "") + MASKED


def without_addresses(text: str) -> str:
    """The text with every e-mail address masked.

    >>> without_addresses("ask x.y@else.example")
    'ask [e-mail]'
    """
    return _ADDRESS.sub(E_MAIL, text) if "@" in text or "%40" in text else text
