"""Where messages may go: the addresses, as they are written and as they resolve."""

import ipaddress
from collections.abc import Sequence

import pytest

from domain.kernel.refusals import InvalidInput
from domain.webhooks import guard
from domain.webhooks.guard import Forbidden, Resolve, Rules


def resolving(*addresses: str) -> Resolve:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    "inside",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.1"),
        *("100.64.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.0.2.1"),
        *("198.18.0.1", "::", "::1", "::127.0.0.1", "fe80::1", "fe80::1%eth0", "fec0::1"),
        *("fc00::1", "fd00::1", "ff02::1", "2001:db8::1", "2001:0:7f00:1::"),
        # 127.0.0.1 and 10.0.0.1 in other forms
        *("::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a00:1"),
        *("64:ff9b:1::7f00:1", "::ffff:0:127.0.0.1"),
        # the same within a network's own translation, before digits that look public
        *("64:ff9b:1:7f00:0:100:808:808", "64:ff9b:1::808:808"),
    ],
)
async def test_no_message_goes_inside(inside: str) -> None:
    """Neither alone nor as one of several addresses."""
    for addresses in ([inside], [PUBLIC, inside]):
        rules = Rules(resolve=resolving(*addresses))
        with pytest.raises(InvalidInput) as refused:
            await guard.check("https://shop.example/hooks", rules)
        assert refused.value.reason == "endpoint_address"
        assert refused.value.path == ("url",)
        assert inside not in str(vars(refused.value))
        assert "shop.example" in str(vars(refused.value))


@pytest.mark.parametrize(
    "outside", [PUBLIC, "2606:2800:220:1::1", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"]
)
async def test_what_is_public_is_reached_by_its_address(outside: str) -> None:
    rules = Rules(resolve=resolving(outside))
    parts = guard.parts_of("https://shop.example/hooks?a=1", rules)
    place = await guard.destination_of(parts, rules)
    shown = f"[{ipaddress.ip_address(outside)}]" if ":" in outside else outside
    assert place.to_address == f"https://{shown}:443/hooks?a=1"
    assert (place.name, place.host) == ("shop.example", "shop.example")


async def test_a_network_that_is_named_is_reached_in_every_form() -> None:
    networks = (ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("fd00:1::/64"))
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "fd00:1::5"):
        await guard.check(
            "https://shop.example", Rules(networks=networks, resolve=resolving(address))
        )
    for address in ("10.2.0.1", "fd00:2::5"):
        with pytest.raises(InvalidInput):
            await guard.check(
                "https://shop.example", Rules(networks=networks, resolve=resolving(address))
            )


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://shop.example/hooks", "not_an_endpoint"),
        ("ftp://shop.example", "not_an_endpoint"),
        ("shop.example/hooks", "not_an_endpoint"),
        ("https://", "not_an_endpoint"),
        ("https://[::1", "not_an_endpoint"),
        ("https://shop.example:port/", "not_an_endpoint"),
        ("https://商店.example", "not_an_endpoint"),
        ("https://shop.example\\@inside.example", "not_an_endpoint"),
        ("https://user:secret@shop.example", "endpoint_parts"),
        ("https://@shop.example", "endpoint_parts"),
        ("https://shop.example/#part", "endpoint_parts"),
        ("https://shop.example:8443/", "endpoint_port"),
        ("https://shop.example:0/", "endpoint_port"),
        ("https://shop.example/\r\nHost: inside", "control_characters"),
        ("", "too_short"),
        ("https://shop.example/" + "a" * 500, "too_long"),
        ("https://127.0.0.1/", "endpoint_address"),
        ("https://[::ffff:7f00:1]/", "endpoint_address"),
        ("https://2130706433/", "endpoint_address"),
        ("https://0x7f.1/", "endpoint_address"),
        ("https://no-such-host.invalid/", "endpoint_unresolved"),
        ("https://" + "a" * 64 + ".example/", "endpoint_unresolved"),
    ],
)
async def test_an_address_is_refused_by_what_is_wrong(url: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await guard.check(url, Rules())
    assert refused.value.reason == reason


async def test_development_has_this_machine_too_and_nothing_more() -> None:
    rules = Rules(development=True)
    await guard.check("http://127.0.0.1:8080/hooks", rules)
    await guard.check("http://[::1]:8080/hooks", rules)
    with pytest.raises(InvalidInput):
        await guard.check("http://10.0.0.1/", rules)
    with pytest.raises(Forbidden, match=r"^shop\.example has no address$"):
        await guard.destination_of(
            guard.parts_of("http://shop.example", rules), Rules(resolve=resolving())
        )


async def test_words_of_what_is_forbidden_do_not_tell_where_it_is() -> None:
    rules = Rules(resolve=resolving("10.1.2.3"))
    with pytest.raises(Forbidden, match=r"^vm is at an address that is not public$"):
        await guard.destination_of(guard.parts_of("https://vm/x", rules), rules)
