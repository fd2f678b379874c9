"""stub"""
from flask import Blueprint
from service.access import requires


def add_pages(door: Blueprint) -> None:
    """stub"""
    @door.get("/exports")
    @requires("core.exports")
    def exports() -> str:
        return "exports"
