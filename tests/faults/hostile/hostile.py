"""A plugin whose jobs bring their worker down, eat memory, or do nothing at all. Found as any installed one is."""

import os

from service.contract import JobKind, Manifest, hook, lazy


def abort(_work):
    os.abort()


def eat(_work):
    kept = []
    while True:
        kept.append(bytearray(16 * 1024 * 1024))


def nothing(_work):
    pass


@hook
def manifest():
    return Manifest(
        key="hostile", title=lazy("Hostile"), summary=lazy("Nothing good."), permissions=(),
        jobs=(JobKind("hostile.abort", abort), JobKind("hostile.eat", eat), JobKind("hostile.nothing", nothing)),
    )  # fmt: skip
