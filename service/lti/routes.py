"""stub"""
from flask import Blueprint
lti = Blueprint("lti", __name__)
