"""stub"""
from service.contract import Manifest, hook, lazy


@hook
def manifest() -> Manifest:
    return Manifest(key="handledning", title=lazy("handledning"), summary=lazy("handledning"), permissions=())
