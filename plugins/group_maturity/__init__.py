"""stub"""
from service.contract import Manifest, hook, lazy


@hook
def manifest() -> Manifest:
    return Manifest(key="group_maturity", title=lazy("group_maturity"), summary=lazy("group_maturity"), permissions=())
