"""A form's balance comes back as it was shown, or not at all."""

import pytest

from dashboard.refunds.signing import BadForm, OldForm, read_balance, sign_balance
from tests.conftest import START


@pytest.fixture
def payment(shop, sandbox_payments):
    return shop.learn(sandbox_payments["paid_card"][0]["imp_uid"])


@pytest.fixture
def in_app(shop):
    with shop.app.app_context():
        yield


def test_what_was_shown_comes_back(in_app, payment):
    token = sign_balance(payment, 1, START)
    balance = read_balance(token, 1, payment.imp_uid, START + 1800)
    assert (balance.balance, balance.cancel_ids, balance.at) == (payment.balance, (), START)
    assert sign_balance(payment, 1, START) != token  # each form has a token of its own


def test_nobody_elses_and_for_nothing_else(in_app, payment):
    token = sign_balance(payment, 1, START)
    for person, imp_uid in ((2, payment.imp_uid), (1, "imp_000000000000")):
        with pytest.raises(BadForm):
            read_balance(token, person, imp_uid, START)


@pytest.mark.parametrize("change", ["", "x", "{}x", "x{}", "é", "{}.{}"])
def test_a_changed_one_is_none(in_app, payment, change):
    with pytest.raises(BadForm):
        read_balance(
            change.format(*[sign_balance(payment, 1, START)] * 2), 1, payment.imp_uid, START
        )


@pytest.mark.parametrize("later_s", [1801, 86_400, -61])
def test_an_old_one_only_leads_to_what_it_became(in_app, payment, later_s):
    token = sign_balance(payment, 1, START)
    with pytest.raises(OldForm) as old:
        read_balance(token, 1, payment.imp_uid, START + later_s)
    assert old.value.form_token == read_balance(token, 1, payment.imp_uid, START).form_token
