"""stub"""
from flask import Blueprint
from service.access import requires


def add_pages(door: Blueprint) -> None:
    """stub"""
    for name, path, permission, methods in (
        ("home", "/", "core.any", ["GET"]), ("cohort", "/cohort", "core.cohort_report", ["GET"]),
        ("switches", "/switches", "core.switch_plugins", ["GET"]), ("members", "/members", "core.manage_members", ["GET"]),
        ("who", "/who", "core.any", ["GET"]), ("window", "/window", "core.any", ["POST"]), ("leave", "/leave", "core.any", ["POST"]),
        ("language", "/language", "core.any", ["POST"]), ("claim", "/claim", "core.claim_training", ["POST"]), ("off", "/off/<plugin>", "core.any", ["GET"]),
    ):
        door.add_url_rule(path, name, requires(permission)(lambda name=name, **kw: name), methods=methods)
