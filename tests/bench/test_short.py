"""The benches run and count what they should; nobody judges their times."""

import json

from tests.bench import apply
from tests.bench import list as bench


def test_the_list_beside_the_floor(tmp_path, capsys):
    file = tmp_path / "found.json"
    bench.main(["--short", "--json", str(file)])
    (found,) = json.loads(file.read_text())
    assert found["orders"] == 1000
    assert {name for name, _ in bench.SUMMARIES} == set(found["summaries"])
    assert "500 rows deep" in found["pages"]
    assert all(len(sides) == 2 and sides[1][0] > 0 for sides in found["pages"].values())
    assert any(path.endswith("icons.svg") for path in found["first_visit"])
    assert "| newest page |" in capsys.readouterr().out


def test_payments_beside_ready_made_rows(capsys):
    assert min(apply.main(["--payments", "250"])) > 0
    assert "of their speed" in capsys.readouterr().out
