"""What the demo town is called and what its people say; all of it made up."""

from __future__ import annotations

from typing import Final

from geoapp.demo.matters_built import BUILT
from geoapp.demo.matters_street import STREET

DISTRICTS: Final = (("西岭区", "Xiling District"), ("中港区", "Zhonggang District"), ("东湾区", "Dongwan District"))

STREETS: Final = (
    *("海滨路", "学苑路", "渔歌路", "灯塔路", "榕树街", "石桥路", "望潮路", "云岭路", "竹林街"),
    *("白鹭路", "金沙路", "潮音街", "港湾大道", "人民路", "新安街", "和平路", "建设路", "文华路"),
    *("荔枝街", "凤凰路", "青山路", "百花街", "滨河路", "东风街", "明珠路", "红棉街"),
)

PLACES: Final = (
    *("菜市场门口", "小学旁", "公交站前", "天桥下", "小区北门"),
    *("医院对面", "路口", "幼儿园外", "公园入口", "加油站旁"),
)

CATEGORIES: Final = {
    "utility": {"zh": "公用设施", "en": "Public utilities"},
    "road": {"zh": "道路桥梁", "en": "Roads and footbridges"},
    "drainage": {"zh": "排水设施", "en": "Drainage"},
    "traffic": {"zh": "交通设施", "en": "Traffic facilities"},
    "environment": {"zh": "市容环境", "en": "Cleanliness"},
    "green": {"zh": "园林绿化", "en": "Parks and trees"},
    "advertising": {"zh": "宣传广告", "en": "Signs and advertising"},
    "construction": {"zh": "施工管理", "en": "Building sites"},
    "order": {"zh": "街面秩序", "en": "Order in the street"},
    "emergency": {"zh": "突发事件", "en": "Emergencies"},
}
"""The national classes (GB/T 30428.2), with roads and drains told apart, as people ask for them most."""

TOLD: Final = (*BUILT, *STREET)
MATTERS: Final = tuple(one.spec for one in TOLD)
SAYINGS: Final = {one.spec.code: one.says for one in TOLD}

ASKING: Final = ("请尽快处理，谢谢。", "希望有人来看看。", "已经反映过一次了。", "麻烦派人现场核实。", "")

CHATTER: Final = (
    "今晚的晚霞也太好看了。", "这家早茶店排队两小时，值了。", "周末去海边露营，求推荐。", "地铁上遇到一只猫。",
    "有没有人一起打羽毛球？", "新开的商场停车费好贵。", "下雨天在家看剧最舒服。", "骑车环湖一圈，累趴。",
)  # fmt: skip
"""Posts that are no leads."""

NOT_THERE: Final = ("当日现场核查，未发现所述问题，不予立案。", "经核查为旧视频，该处已于去年修复，不予立案。")
"""Why a lead was dropped."""

CLOSING: Final = {
    "repaired": ("已安排养护单位现场修复。", "经现场核查，问题已处理完毕。"),
    "explained": ("经核查，该处已列入下季度整治计划，已向来电人说明。", "属小区内部道路，已转物业并向来电人解释。"),
    "adopted": ("建议已采纳，将在改造设计中落实。",),
    "declined": ("经核实不属于受理范围，已告知来电人向有关单位反映。",),
}
