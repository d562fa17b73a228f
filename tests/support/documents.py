"""A small policy document as text, to which a test adds what it is about."""

from collections.abc import Mapping, Sequence

from domain.programmes import reader
from domain.programmes.policy import Policy

HEAD = """
programme: small
name: {zh-CN: 小, en: Small}
timezone: Asia/Shanghai
currency: CNY
products: [flight, hotel, train]
payment_methods: [card, wallet]
attributes: {niche: boolean, city: text, stars: number}
profile: {style: {type: text, writable_by: [member]}}
facts: {oldest_days: 365}
points: {worth: {points: 100, money: 1}, available: at_payment, expiry: {months: 12}}
tiers:
  basis: spend
  window: lifetime
  levels:
    - {code: silver, name: {zh-CN: 银, en: Silver}, threshold: 0}
    - {code: gold, name: {zh-CN: 金, en: Gold}, threshold: 100, multiplier: 1.5}
"""


def named(code: str, terms: str = "") -> str:
    """`{code: …, name: …, …}`: something that has a code, with its other terms."""
    return f"{{code: {code}, name: {{zh-CN: {code}, en: {code}}}, {terms}}}"


Lists = Mapping[str, Sequence[str]]
"""Parts of a document that are lists, by name, each item as a text."""


def text(lists: Lists, parts: str = "", *, head: str = HEAD) -> str:
    """The document `head` with these lists and further parts."""
    listed = "".join(
        f"{name}:\n" + "".join(f"  - {item}\n" for item in found) for name, found in lists.items()
    )
    return f"{head}{parts}\n{listed}"


def policy(lists: Lists, parts: str = "", *, head: str = HEAD) -> Policy:
    return reader.parse(text(lists, parts, head=head))
