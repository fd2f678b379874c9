"""What stands in the files to print: the development plan and a session's record, as data for their templates.

A file leaves the service, so it says who may read it, and holds nothing that whoever asked for it may not read. Life goals
are in a plan only where it is made for the two alone or for the manager, and T only where it is not made to be shown.
"""

from plugins.handledning.documents.plan import plan_data, plan_file
from plugins.handledning.documents.record import record_data, record_file
from plugins.handledning.documents.words import Readers, file_name

__all__ = ["Readers", "file_name", "plan_data", "plan_file", "record_data", "record_file"]
