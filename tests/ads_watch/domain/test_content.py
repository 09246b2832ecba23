"""The words of advertisements: what is found, and what must not be."""

import json
import time
from pathlib import Path

import pytest

from services.ads_watch.domain.content import LONGEST_TEXT, content_of

GUARANTEES = [
    "签约保过，不过全额退费",
    "学完包教包会，包过！",
    "30天提升40分以上",
    "三个月提高三十分",
    "90%学员提高20分以上",
    "考级通过率高达98%",
    "名次前进20名",
    "不提分不收费",
    "快速提升学习成绩",
    "全面提高孩子英语综合能力",
    "英语保130+",
    "期末成绩突飞猛进",
    "不达目标退款",
    "保证录取",
    "让每个孩子都能考上理想大学",
    "保本科",
    "确保进入前十名",
    "成绩提升看得见",
    "一学期见效",
    "成绩不提高，免费补到会",
    "学员平均提分38分",
]
SUBJECT_TRAINING = [
    "小学语文阅读提升班火热报名",
    "初三冲刺，一对一辅导",
    "高一sx小班，微信私聊",
    "yw、yy周末辅导",
    "幼小衔接班招生",
    "小天鹅舞蹈艺术中心幼小衔接班招生",
    "星火编程，新开数学思维课",
    "小升初衔接课程",
    "住家教师，陪读到中考",
    "补習數學",
    "清华北大学霸陪读",
    "期末突击 数理化",
    "五升六数学衔接",
    "高复班招生",
    "专注小学数学15年",
    "高考培优",
]
NEITHER = [
    "零基础学画画，暑假班报名中",
    "书法小班，三年级以上",
    "少儿编程体验课9元",
    "中考体育训练营",
    "警惕！“保过班”“包提分”都是骗局",
    "某机构因宣传“中考提分王”被罚款5万元",
    "培训机构不得承诺提高成绩",
    "严禁在小区张贴数学补习班广告",
    "学校召开家长会，数学老师分析成绩",
    "我园举行幼小衔接家长讲座",
    "公益广告：不补课，也精彩",
    "请提前30分钟到场",
    "提高教学质量，促进教育公平",
    "诚聘初中数学培训教师两名，五险一金",
    "本机构不开展学科类培训",
    "请家长理性看待培训，不轻信“提分”宣传",
    "广告内容含有“快速提分”等保证性承诺，违反广告法",
    "全市中小学数学教师培训班开班",
    "学校课后服务安排表：周一 数学辅导",
    "羽毛球一对一私教课",
]


def labels(text, advertiser="unknown"):
    return {phrase.label for phrase in content_of(text, advertiser=advertiser).phrases}


@pytest.mark.parametrize("text", GUARANTEES)
def test_finds_what_promises_a_result(text):
    assert "guarantee" in labels(text)


@pytest.mark.parametrize("text", SUBJECT_TRAINING)
def test_finds_what_sells_subject_training(text):
    assert "subject_training_ad" in labels(text)


@pytest.mark.parametrize("text", NEITHER)
def test_finds_nothing_where_nothing_is_sold_or_promised(text):
    assert labels(text) == set()


class TestDisguise:
    @pytest.mark.parametrize(
        "text", ["保*过班", "保 过 班", "保·过·班", "【保－过】班", "保\u200b过班", "保過班"]
    )
    def test_of_a_promise_is_seen_through(self, text):
        assert "guarantee" in labels(text)

    @pytest.mark.parametrize("text", ["①对①数學", "数.学.辅.导", "ＳＸ小班 初二"])
    def test_of_a_subject_is_seen_through(self, text):
        assert "subject_training_ad" in labels(text)

    def test_is_shown_as_it_was_written(self):
        text = "☆名师☆ 保*過，放心"

        [phrase] = content_of(text, advertiser="unknown").phrases

        assert phrase.phrase == "保*過"
        assert text[phrase.start : phrase.end] == phrase.phrase

    def test_with_a_character_that_unfolds_into_many_keeps_the_places(self):
        text = "㍿的包过承诺"

        [phrase] = content_of(text, advertiser="unknown").phrases

        assert text[phrase.start : phrase.end] == "包过"


class TestFrames:
    def test_a_warning_does_not_cover_another_sentence(self):
        assert labels("严禁吸烟。中考数学冲刺班招生") == {"subject_training_ad"}

    def test_an_invitation_is_no_prohibition(self):
        assert labels("不要错过！数学冲刺班") == {"subject_training_ad"}

    def test_a_quoted_class_that_is_for_sale_is_for_sale(self):
        assert "guarantee" in labels("“保过班”火热招生中")

    def test_a_letter_that_sells_is_an_advertisement(self):
        assert labels("致家长的一封信：数学提优班报名热线123") == {"subject_training_ad"}

    @pytest.mark.parametrize("speaker", ["school", "government"])
    def test_a_school_or_an_authority_advertises_no_training(self, speaker):
        content = content_of("数学提优班，保分", advertiser=speaker)

        assert content.phrases == ()
        assert content.no_advertisement is not None


class TestBounds:
    def test_take_a_text_of_the_greatest_length(self):
        assert labels("甲" * (LONGEST_TEXT - 2) + "包过") == {"guarantee"}

    def test_take_none_longer(self):
        with pytest.raises(ValueError, match="bounded"):
            content_of("甲" * (LONGEST_TEXT + 1), advertiser="unknown")

    @pytest.mark.timeout(20)
    @pytest.mark.parametrize("unit", ["提", "保", "9", "数学", "* ", "初一", "关于", "不", "“宣传"])
    def test_no_text_is_slow(self, unit):
        started = time.process_time()

        content_of((unit * LONGEST_TEXT)[:LONGEST_TEXT], advertiser="unknown")

        # Generous: what runs away takes minutes.
        assert time.process_time() - started < 10


CASES = Path(__file__).parents[4] / "shared" / "data" / "ads_cases.dev.jsonl"


@pytest.mark.skipif(not CASES.exists(), reason="the development cases are not here")
class TestCases:
    @pytest.mark.parametrize("label", ["guarantee", "subject_training_ad"])
    def test_are_told_apart(self, label):
        lines = CASES.read_text().splitlines()
        cases = [json.loads(line) for line in lines]

        wrong = [
            case["text"]
            for case in cases
            if (label in labels(case["text"])) != (label in case["label"])
        ]

        assert len(wrong) / len(cases) <= 0.05, wrong
