"""Kills, faults and impatient people, round after round; then both ledgers are compared.

``python -m tests.chaos --rounds 20`` runs rounds, ``python -m tests.chaos.mutants`` breaks the
product on purpose and expects its tests to notice. Source: refund-safety 1.5, 2 and 4.
"""
