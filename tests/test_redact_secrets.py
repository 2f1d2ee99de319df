"""Secrets are masked in every way people and programs write them down, and in no more time than their length."""

from __future__ import annotations

import subprocess
import sys

import polars as pl
import pytest

from podanalytics.redact import Redactor
from tests.conftest import ROOT

NOBODY = pl.DataFrame(schema=["source", "key", "name", "handle", "email", "bot"])
LETTERS = "abcdefghijklmnop"


def masked(text: str) -> str:
    done = Redactor(NOBODY, [], {}).text(text)
    assert done is not None
    return done


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        # a quote between the name and its sign
        ('{"password": "x7"}', "x7"),
        ('level=info body={"user":"bob","token":"x7","n":1}', "x7"),
        ("'password' => 'x7'", "x7"),
        ('{\\"password\\": \\"x7 y8\\", \\"n\\": 1}', "y8"),
        ("*Password:* x7y8", "x7y8"),
        ("`api_key`: x7y8", "x7y8"),
        ("<password>x7</password>", "x7"),
        ("('token', 'x7y8')", "x7y8"),
        # names with something before or behind
        ("POSTGRES_PASSWORD=x7", "x7"),
        ("db_password: x7", "x7"),
        ("client_secret=x7", "x7"),
        ("GET /cb?access_token=x7&state=ok", "x7"),
        ("refresh_token = x7", "x7"),
        ("aws_secret_access_key = x7/y8+z9", "x7/y8+z9"),
        ("dbPassword: x7", "x7"),
        ("MYSQL_PWD=x7", "x7"),
        ("DB_PASS=x7", "x7"),
        ("TOKEN_GITHUB=x7", "x7"),
        ("access_token%3Dx7y8", "x7y8"),
        # everything of a value
        ('password: "correct horse"', "horse"),
        ("password: 'correct horse battery'", "battery"),
        ("pw: x", ": x"),
        ("password: hun,ter7", "ter7"),
        ("password=x'y7\"z8", "z8"),
        ("passwd: x, user: bob", ": x"),
        ("password='it''s7'", "s7"),
        ("creds: bob / x7y8", "x7y8"),
        ("secret key is x7y8z9", "x7y8z9"),
        ("Passwort: geheim7", "geheim7"),
        ("пароль: x7", "x7"),
        ("Password:\nhunter7", "hunter7"),
        ("the password is hunter7", "hunter7"),
        ("root password for the staging db is swordfish", "swordfish"),
        ("password hunter7x", "hunter7x"),
        # commands
        ("redis://:x7y8@cache.example:6379", "x7y8"),
        ("postgres://bob:p@ss7@db.example/x", "ss7"),
        ("mysql -h db -u root -px7y8 shop", "x7y8"),
        ("curl -u bob:x7y8 https://a.example", "x7y8"),
        ("curl --user 'bob:x7 y8' https://a.example", "x7"),
        ("helm upgrade --set-password x7y8 --wait", "x7y8"),
        ("redis-cli -a x7y8 ping", "x7y8"),
        ("CREATE USER bob IDENTIFIED BY 'x7y8'", "x7y8"),
        # headers
        ("Cookie: a=b; session=x7y8", "x7y8"),
        ("Set-Cookie: a=b; Path=/; sid=x7y8", "x7y8"),
        ("Authorization: Digest username=bob, response=x7y8", "x7y8"),
        ("curl -H 'Authorization: Basic Ym9iOng3eTg=' -d 1 https://a.example", "Ym9i"),
        ('"Authorization": "Bearer x7 y8"', "y8"),
        ("cookie=a=b; session=x7y8", "x7y8"),
        ("Private-Token: x7y8", "x7y8"),
        # signatures in addresses
        ("https://a.blob.example/c?sv=2024&sig=x7%2By8%3D&se=1", "x7%2By8"),
        ("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=x7y8==;EndpointSuffix=b", "x7y8"),
        ("https://maps.example/js?key=x7y8x7y8x7y8x7y8", "x7y8"),
        ("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nx7y8\n-----END PGP PRIVATE KEY BLOCK-----", "x7y8"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nx7y8", "x7y8"),
    ],
)
def test_a_secret_does_not_get_through(text: str, secret: str) -> None:
    done = masked(text)
    assert "[masked]" in done
    assert secret not in done


@pytest.mark.parametrize(
    "token",
    [
        f"xapp-1-A012-345-{LETTERS}",
        f"xoxe.xoxp-1-{LETTERS}",
        f"glpat-{LETTERS}1234",
        "AIza" + "SyA-1234567890_abcdefghijklmnopqrstu",
        "sk_live" + f"_{LETTERS}",
        "sk_test" + f"_{LETTERS}",
        "rk_live" + f"_{LETTERS}",
        f"sk-proj-{LETTERS}-{LETTERS}",
        f"sk-ant-api03-{LETTERS}",
        f"SG.{LETTERS}.{LETTERS}{LETTERS}",
        f"npm_{LETTERS}{LETTERS}",
        f"pypi-{LETTERS}{LETTERS}",
        f"hf_{LETTERS}{LETTERS}",
        f"shpat_{LETTERS}{LETTERS}",
        "https://hooks.slack.com" + f"/services/T012/B012/{LETTERS}",
        "https://discord.com" + f"/api/webhooks/123/{LETTERS}",
    ],
)
def test_a_providers_token_is_known_by_its_shape(token: str) -> None:
    done = masked(f"it is {token}, rotate it")
    assert done.startswith("it is ") and done.endswith("[masked], rotate it")
    assert LETTERS not in done


@pytest.mark.parametrize(
    "sentence",
    [
        "the token expired",
        "The password reset page is slow",
        "the password is wrong, and the secret is out",
        "Two problems with the token: it expired, and nobody rotated it",
        "Rotate the staging token that was pasted in chat",
        "token-service: connection refused",
        "cookies and sessions survive a restart",
        "a basic understanding of bearer tokens",
        "the key is to be patient; keyboard: fine",
        "mysql -P 3306 -u root is refused, sudo -u postgres works",
        "api keys are rotated every 90 days, passwords every year",
        "actions/checkout@v4 and pod-api@sha256:12ab",
        "IC is @here, cc @oncall-team",
    ],
)
def test_ordinary_sentences_stay(sentence: str) -> None:
    assert masked(sentence) == sentence


def test_the_name_of_a_secret_stays_and_what_follows_it_too() -> None:
    assert masked('{"user": "bob", "password": "x 7", "n": 1}') == '{"user": "bob", "password": [masked], "n": 1}'
    assert masked("curl -H 'Cookie: a=b; c=d' https://a.example/x") == "curl -H 'Cookie: [masked]' https://a.example/x"


def test_masking_twice_changes_nothing() -> None:
    once = masked("Authorization: Bearer x; y\npassword: 'a b' token=x7 ana@corp")
    assert masked(once) == once


@pytest.mark.parametrize(
    "address", ["x.y@else.example", "ana@corp", "x.y%40else.example", "o'x+tag@mail.else.example", "ana@corp, please"]
)
def test_an_address_is_masked_with_or_without_a_dot(address: str) -> None:
    done = masked(f"mail {address}")
    assert "[e-mail]" in done and "ana" not in done and "else" not in done


HOSTILE = {
    "one letter": "'A' * 200_000",
    "base64": "'QUJDeyJ0b2tlbiI6NDJ9/+0x' * 9_000",
    "addresses without an end": "'a@' * 100_000",
    "dotted words": "'abc.def-ghi.' * 17_000",
    "names of secrets": "'password ' * 22_000 + 'token=' * 30_000",
    "signs and blanks": "'password' + ' ' * 200_000",
    "quotes": '\'"token": "\' * 20_000',
    "tokens without an end": "'eyJ' * 60_000 + 'SG.' * 60_000 + 'xoxb' * 40_000",
    "addresses of hosts": "'://' * 60_000",
    "keys without an end": "'-----BEGIN ' * 18_000",
    "group messages": "'mpdm-' * 40_000",
    "commands": "'mysql -u curl -u ' * 12_000",
    "percent signs": "'%C3' * 60_000 + '%41' * 60_000",
    "marks": "'a\\u0301' * 100_000",
    "characters of names": "'山' * 100_000 + '山 ' * 50_000",
    "parts of names": "'ana ' * 50_000 + 'ana.' * 50_000",
}


@pytest.mark.parametrize("made", HOSTILE.values(), ids=HOSTILE)
def test_a_long_text_takes_no_more_than_its_length(made: str) -> None:
    """A pattern that goes back over what it read takes minutes to hours here, not tenths of a second."""
    code = f"""
import polars as pl
from podanalytics.redact import Redactor
columns = ["source", "key", "name", "handle", "email", "bot"]
rows = [["s", "U1", "Ana Ana", "ana.ana.ana", "ana@ana.ana", False], ["s", "U2", "山山 山山山", None, None, False]]
r = Redactor(pl.DataFrame(rows, schema=columns, orient="row"), [], {{}})
assert r.text({made})
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=20)
