"""Terms of text search in scripts with and without spaces."""

from domain.characters.search_terms import SearchQuery, query_of, terms_of


def test_words_are_terms_without_case_width_or_accents() -> None:
    assert terms_of("Éloïse ＲＥＤ", (), "").name == ("eloise", "red")


def test_a_chinese_name_is_its_signs_and_pairs_of_neighbours() -> None:
    assert terms_of("小红帽", (), "").name == ("小", "红", "帽", "小红", "红帽")


def test_a_part_of_a_chinese_run_asks_only_for_terms_of_the_whole() -> None:
    whole = terms_of("会飞的小红帽", (), "").name

    assert set(query_of("小红").terms) <= set(whole)
    assert set(query_of("帽").terms) <= set(whole)
    assert not set(query_of("红小").terms) <= set(whole)


def test_a_mixed_text_is_cut_where_the_writing_changes() -> None:
    assert query_of("Luna小红") == SearchQuery(
        terms=("小红",), prefixes=("luna",), grams=("  l", " lu", "lun", "una", "na ", "小红")
    )


def test_kana_keep_the_marks_that_tell_them_apart() -> None:
    assert terms_of("がか", (), "").name == ("が", "か", "がか")


def test_hangul_syllables_stay_whole() -> None:
    assert terms_of("토끼", (), "").name == ("토", "끼", "토끼")


def test_names_and_aliases_have_grams_and_descriptions_have_none() -> None:
    terms = terms_of("Bo", ("Al",), "a wolf")

    assert terms.grams == ("  b", " bo", "bo ", "  a", " al", "al ")
    assert terms.description == ("a", "wolf")


def test_a_misspelt_name_shares_most_grams() -> None:
    asked = set(query_of("Rabit").grams)

    assert len(asked & set(terms_of("Rabbit", (), "").grams)) / len(asked) > 0.5


def test_signs_that_are_no_words_ask_for_nothing() -> None:
    assert query_of("!? -- ·").is_empty


def test_a_pictograph_is_found_by_itself() -> None:
    assert set(query_of("😀").terms) <= set(terms_of("😀 Emoji", (), "").name)
    assert set(query_of("🦊").terms) <= set(terms_of("Rex 🦊🔥", (), "").name)


def test_quotes_and_operators_of_search_languages_are_not_terms() -> None:
    assert query_of("fox' & !wolf:*\\").prefixes == ("fox", "wolf")
