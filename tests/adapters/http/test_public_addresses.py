import ipaddress

import pytest

from app.adapters.http.public_addresses import is_public, points_inside, public_address
from app.errors import MediaError

INSIDE = [
    "0.0.0.1", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
    "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1",
    "2001:db8::1", "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1",
    "100::1",
]  # fmt: skip


@pytest.mark.parametrize("text", INSIDE)
def test_an_inner_address_is_not_public(text):
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "2002:808:808::", "64:ff9b::808:808"])
def test_an_outer_address_is_public(text):
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8000", "http://LOCALHOST/", "http://a.localhost/", "http://studio.local/", "http://db.internal/",
        "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://[::1]:80/", "http:///x",
        "http://intranet/", "nothing", "http://192.168.0.4:8000/hooks", "http://[fe80::1%25eth0]/", "http://localhost./",
    ],
)  # fmt: skip
def test_an_address_that_a_stranger_cannot_follow_points_inside(url):
    assert points_inside(url)


@pytest.mark.parametrize("url", ["https://example.org/x", "https://v3.fal.media/files/a.mp4", "https://8.8.8.8/"])
def test_an_address_in_the_world_does_not_point_inside(url):
    assert not points_inside(url)


async def test_a_name_with_one_inner_address_is_refused():
    with pytest.raises(MediaError, match="public address"):
        await public_address("localhost", 80)
