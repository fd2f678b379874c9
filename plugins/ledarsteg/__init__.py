"""stub"""
from service.contract import Manifest, hook, lazy


@hook
def manifest() -> Manifest:
    return Manifest(key="ledarsteg", title=lazy("ledarsteg"), summary=lazy("ledarsteg"), permissions=())
