"""An edition as signed JSON, posted to the user's own program.

Headers and signature follow Standard Webhooks (www.standardwebhooks.com): `webhook-id` is the
same on every try, so that a receiver can discard repeats; `webhook-timestamp` is the time of the
try, so that old ones can be refused; `webhook-signature` covers both and the body.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, SecretStr, field_validator

from monitor.channels import MENDING, Http, World, as_json, identity, messages, words_of
from monitor.channels._chat import check_name, web_address
from monitor.channels._http import not_reached, secrets_of, turned_down, visit_host
from monitor.digests.render import Bodies
from monitor.digests.words import clip
from monitor.model import (
    Answer,
    Edition,
    FetchFailed,
    Message,
    NotSent,
    Recipient,
    Response,
    Sent,
    Unknown,
    Visited,
    utc_text,
)

NAMED = True
_PREFIX = "whsec_"
_PAGE = re.compile(rb"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)


def check_address(address: str) -> str | None:
    """What is wrong with the name of a target; None if it can name a table of the settings."""
    return check_name("webhook", address)


class Settings(BaseModel, extra="forbid", frozen=True):
    """`[channels.webhook.NAME]`: where to post, and the key both sides know."""

    url: Annotated[SecretStr, AfterValidator(web_address)]
    """May hold a token, so it is kept like one."""
    secret: SecretStr = SecretStr("")
    """Signs each message; `whsec_` and base64, or any text. Empty: unsigned."""

    @field_validator("secret")
    @classmethod
    def _secret_can_be_read(cls, value: SecretStr) -> SecretStr:
        try:
            _key(value.get_secret_value())
        except NotBase64:
            raise ValueError("after whsec_ the secret must be base64") from None
        return value


def render(
    edition: Edition, recipient: Recipient, settings: Settings, bodies: Bodies, now: datetime
) -> list[Message]:
    """The whole edition; `data` is described in docs/design/delivery.md."""
    mark = identity(edition, recipient)
    body = {
        "type": "edition.published",
        "id": mark,
        "timestamp": utc_text(now),
        "data": bodies.data,
    }
    return messages(edition, recipient, bodies.subject, "application/json", [as_json(body)])


async def send(message: Message, settings: Settings, world: World) -> Answer:
    """Post it. Any 2xx is success, unless it comes with a page, as a login portal's does (F85)."""
    url, secret = settings.url.get_secret_value(), settings.secret.get_secret_value()
    stamp = str(int(world.now().timestamp()))
    headers = [
        ("Content-Type", b"application/json"),
        ("webhook-id", message.id.encode()),
        ("webhook-timestamp", stamp.encode()),
    ]
    if secret:
        headers.append(("webhook-signature", sign(secret, message.id, stamp, message.body)))
    answer = _answer(await world.post(url, message.body, headers), world, url, secret)
    # The id makes repeats harmless, so when in doubt it is sent again.
    return NotSent(answer.why) if isinstance(answer, Unknown) else answer


async def visit(settings: Settings, http: Http) -> Visited:
    """Reach the service; the address itself is not asked, since each request is a message."""
    return await visit_host(settings.url.get_secret_value(), http)


def sign(secret: str, mark: str, stamp: str, body: bytes) -> bytes:
    """The signature: HMAC-SHA256 over id, time stamp and body, divided by full stops."""
    signed = b".".join((mark.encode(), stamp.encode(), body))
    return b"v1," + b64encode(hmac.digest(_key(secret), signed, "sha256"))


def _key(secret: str) -> bytes:
    if secret.startswith(_PREFIX):
        return b64decode(secret.removeprefix(_PREFIX), validate=True)
    return secret.encode()


def _answer(got: Response | FetchFailed, world: World, url: str, secret: str) -> Answer:
    secrets = (secret, *secrets_of(url))
    if isinstance(got, FetchFailed):
        return not_reached(got, world.now(), *secrets)
    words = f"{got.status} {words_of(got.body[:2_000], *secrets)}".strip()
    if not 200 <= got.status < 300:
        return turned_down(got, words)
    if _PAGE.match(got.body):
        return NotSent(f"{got.status}, but a page: {clip(words, 80)}", MENDING)
    return Sent(words)
