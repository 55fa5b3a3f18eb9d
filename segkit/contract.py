"""What a study asks of its input, declared once: reading, refusing, asking and the settings follow from it."""

from .event_contracts import CALLS, PURCHASES
from .role import Contract, Kind, Role
from .row_contracts import CRM, LEADS, MESSAGES, SALES

CONTRACTS = {contract.study: contract for contract in (CALLS, PURCHASES, LEADS, CRM, MESSAGES)}  # of one table

__all__ = ["CALLS", "CONTRACTS", "CRM", "LEADS", "MESSAGES", "PURCHASES", "SALES", "Contract", "Kind", "Role"]
