from ssc_iati.findings import Place


def test_a_place_tells_only_what_is_known_in_a_fixed_order():
    where = Place("a.xml", path="iati-activities/iati-activity[1]", character=5, line=70000)

    assert list(where.as_dict().items()) == [
        ("file", "a.xml"),
        ("line", 70000),
        ("character", 5),
        ("path", "iati-activities/iati-activity[1]"),
    ]
