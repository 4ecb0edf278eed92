"""Controlled lists of terms, administrative divisions and credit codes."""

from marketplace.taxonomies.credit_code import (
    CreditCode,
    CreditCodeError,
    check_credit_code,
    credit_code_fault,
)
from marketplace.taxonomies.divisions import (
    CIRCLE,
    Division,
    DivisionBook,
    find_division,
    same_name_divisions,
    suggest_division,
)
from marketplace.taxonomies.files import FOLDER, read_taxonomy_files
from marketplace.taxonomies.finding import TermFinder, find_term, nearest_terms
from marketplace.taxonomies.terms import TAXONOMIES, Term, first_fault

__all__ = [
    "CIRCLE",
    "FOLDER",
    "TAXONOMIES",
    "CreditCode",
    "CreditCodeError",
    "Division",
    "DivisionBook",
    "Term",
    "TermFinder",
    "check_credit_code",
    "credit_code_fault",
    "find_division",
    "find_term",
    "first_fault",
    "nearest_terms",
    "read_taxonomy_files",
    "same_name_divisions",
    "suggest_division",
]
