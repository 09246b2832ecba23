"""Where training may be advertised."""

from datetime import date

import pytest

from services.ads_watch.domain.checking import Advert, check
from services.ads_watch.domain.placement import MEDIA
from services.ads_watch.domain.rules.cards import PLACEMENT_MEDIA, SUBJECT_TRAINING

ON = date(2022, 3, 5)


def placement(medium, *, text="少儿美术班", advertiser="training_institution", on=ON):
    return check(Advert(text, medium, advertiser), on=on).placement


@pytest.mark.parametrize("medium", MEDIA)
def test_bans_training_that_is_lawful_in_itself(medium):
    found = placement(medium)

    assert (found.verdict, found.rule) == ("banned", MEDIA[medium])


def test_leaves_an_institutions_own_premises_alone():
    assert placement("own_premises").verdict == "lawful"


def test_says_nothing_of_a_medium_without_a_rule():
    assert placement("leaflet").verdict == "unknown"


@pytest.mark.parametrize("medium", ["school", "elevator"])
def test_lets_a_notice_of_a_school_hang(medium):
    assert placement(medium, advertiser="school").verdict == "lawful"


def test_does_not_guess_whether_a_stranger_trains():
    assert placement("elevator", text="欢迎光临", advertiser="unknown").verdict == "unknown"


def test_bans_what_a_stranger_sells_as_subject_training():
    assert placement("elevator", text="数学提优班", advertiser="unknown").verdict == "banned"


def test_bans_any_shop_from_schools_and_only_there():
    assert placement("uniform", text="某某奶茶", advertiser="other").verdict == "banned"
    assert placement("elevator", text="某某奶茶", advertiser="other").verdict == "lawful"


class TestBeforeAndSinceTheRules:
    FIRST_DAY = SUBJECT_TRAINING.article.in_force_from

    def test_nothing_of_the_plan_holds_on_the_day_before(self):
        before = self.FIRST_DAY.replace(day=self.FIRST_DAY.day - 1)

        checked = check(Advert("数学班，保过", "new_media", "unknown"), on=before)

        assert [matter.rule.code for matter in checked.matters] == ["ads.content"]

    @pytest.mark.parametrize("days_after", [0, 1])
    def test_all_of_it_holds_from_the_first_day_on(self, days_after):
        day = self.FIRST_DAY.replace(day=self.FIRST_DAY.day + days_after)

        checked = check(Advert("数学班，保过", "new_media", "unknown"), on=day)

        assert [matter.rule.code for matter in checked.matters] == [
            "ads.content",
            "ads.subject_training",
            PLACEMENT_MEDIA.code,
        ]


def test_verdicts_do_not_depend_on_each_other():
    spotless = check(Advert("少儿美术班", "elevator", "training_institution"), on=ON)
    at_home = check(Advert("美术考级包过", "own_premises", "training_institution"), on=ON)

    assert (spotless.content.phrases, spotless.placement.verdict) == ((), "banned")
    assert ([one.label for one in at_home.content.phrases], at_home.placement.verdict) == (
        ["guarantee"],
        "lawful",
    )
