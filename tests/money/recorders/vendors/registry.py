"""The vendors that have a recorder."""

from collections.abc import Mapping

from tests.money.recorders.recorder import Recorder
from tests.money.recorders.vendors.atlascloud import AtlasCloud
from tests.money.recorders.vendors.creatify import Creatify
from tests.money.recorders.vendors.did import Did
from tests.money.recorders.vendors.eachlabs import EachLabs
from tests.money.recorders.vendors.fal import Fal
from tests.money.recorders.vendors.heygen import HeyGen
from tests.money.recorders.vendors.kling import Kling
from tests.money.recorders.vendors.runware import Runware
from tests.money.recorders.vendors.sync import Sync
from tests.money.recorders.vendors.wavespeed import WaveSpeed

RECORDERS: Mapping[str, type[Recorder]] = {
    recorder.name: recorder
    for recorder in (Fal, WaveSpeed, EachLabs, AtlasCloud, HeyGen, Did, Sync, Runware, Kling, Creatify)
}
