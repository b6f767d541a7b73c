from tests.integration.commands.city_on_disk import ask


def test_what_would_move_is_said_in_words_and_as_a_document(unasked, published, city):
    key = min(ask(city, "SELECT resident_id FROM occurrence"))
    said = unasked("why", key, "--trigger", "senior-card", "--if", "status=moved_out", "--json").document
    assert {one["trigger_id"] for one in said["moved"]} == {"senior-card"}
    assert {one["now"]["reason"] for one in said["moved"]} == {"moved_out"}
    spoken = unasked("why", key, "--trigger", "senior-card", "--if", "status=moved_out").out
    assert "→" in spoken and "withdrawn (moved_out)" in spoken
    street = unasked("why", key, "--trigger", "senior-card", "--if", "street=440305001")
    assert street.out == "nothing would move / 没有变化\n"
    (detail,) = ask(city, "SELECT DISTINCT detail FROM audit_entry WHERE detail LIKE '%if street'")
    assert "440305001" not in detail


def test_a_fact_that_decides_nothing_and_a_value_that_is_none_are_refused(unasked, published):
    personal = unasked("why", "R1", "--trigger", "senior-card", "--if", "phone=123")
    assert (personal.code, "no fact that decides" in personal.err) == (2, True)
    impossible = unasked("why", "R1", "--trigger", "senior-card", "--if", "birth_date=2019-02-30")
    assert (impossible.code, "birth_date" in impossible.err) == (2, True)
