"""What the demo town is called and what its people say; all of it made up."""

from __future__ import annotations

from typing import Final

from geoapp.city import MatterSpec

DISTRICTS: Final = (("西岭区", "Xiling District"), ("中港区", "Zhonggang District"), ("东湾区", "Dongwan District"))

OFFICES: Final = (
    ("云岭街道", "Yunling Street Office"),
    ("竹园街道", "Zhuyuan Street Office"),
    ("石桥街道", "Shiqiao Street Office"),
    ("榕荫街道", "Rongyin Street Office"),
    ("望海街道", "Wanghai Street Office"),
    ("渔港街道", "Yugang Street Office"),
    ("灯塔街道", "Dengta Street Office"),
    ("白鹭街道", "Bailu Street Office"),
    ("金沙街道", "Jinsha Street Office"),
    ("潮音街道", "Chaoyin Street Office"),
)

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
    "road": {"zh": "道路设施", "en": "Roads and footways"},
    "utility": {"zh": "公用设施", "en": "Public utilities"},
    "drainage": {"zh": "排水设施", "en": "Drainage"},
    "traffic": {"zh": "交通设施", "en": "Traffic facilities"},
    "environment": {"zh": "市容环境", "en": "Cleanliness and green"},
    "construction": {"zh": "施工管理", "en": "Building sites"},
}


def _matter(category: str, code: str, zh: str, en: str, keywords: str, *, urgent: bool = False) -> MatterSpec:
    return MatterSpec(category, code, {"zh": zh, "en": en}, tuple(keywords.split("|")), urgent=urgent)


MATTERS: Final = (
    _matter("road", "pothole", "路面坑洼", "Pothole", "坑洼|坑洞|大坑|pothole"),
    _matter("road", "cave-in", "路面塌陷", "Road cave-in", "塌陷|cave-in|sinkhole", urgent=True),
    _matter("road", "broken-steps", "台阶破损", "Broken steps", "台阶|steps"),
    _matter("road", "broken-footway", "人行道破损", "Broken footway", "人行道|地砖|sidewalk|footway"),
    _matter("road", "steep-ramp", "天桥坡道过陡", "Footbridge ramp too steep", "坡道|ramp"),
    _matter("utility", "manhole-cover", "井盖缺失", "Manhole cover missing", "井盖|manhole", urgent=True),
    _matter("utility", "street-light", "路灯不亮", "Street light out", "路灯|street light|lamp"),
    _matter("drainage", "blocked-gully", "雨水口堵塞", "Blocked gully", "雨水口|积水|gully|drain"),
    _matter("drainage", "sewage", "污水冒溢", "Sewage overflow", "污水|sewage"),
    _matter("traffic", "guard-rail", "护栏损坏", "Guard rail damaged", "护栏|guard rail"),
    _matter("traffic", "traffic-light", "红绿灯故障", "Traffic light fault", "红绿灯|信号灯|signal", urgent=True),
    _matter("environment", "rubbish", "垃圾堆积", "Rubbish piled up", "垃圾|rubbish|garbage"),
    _matter("environment", "fallen-tree", "树木倾倒", "Fallen tree", "树木|大树|fallen tree", urgent=True),
    _matter("construction", "night-noise", "施工噪声扰民", "Noise from building works", "噪声|噪音|noise"),
)

OFTEN: Final = (16, 2, 7, 12, 4, 4, 14, 10, 4, 5, 3, 11, 3, 5)
"""How often each matter is reported, in the order above."""

SAYINGS: Final = {
    "pothole": ("路面坑坑洼洼，电动车很容易摔倒。", "有个大坑，下雨积水看不见，很危险。"),
    "cave-in": ("路面塌下去一块，旁边还在开裂，请尽快围挡。", "路面突然塌陷，公交车都绕着走。"),
    "broken-steps": ("台阶断了一级，老人上下很容易踩空。", "台阶边角碎了，露出钢筋。"),
    "broken-footway": ("人行道地砖松动，一踩一脚泥水。", "盲道被压坏了，好几块砖翘起来。"),
    "steep-ramp": ("天桥坡道太陡，轮椅根本推不上去。", "坡道又陡又窄，婴儿车下不来。"),
    "manhole-cover": ("井盖不见了，只插了一根树枝，晚上太危险。", "井盖破了一半，车一压就响。"),
    "street-light": ("路灯连着三盏不亮，晚上一片漆黑。", "路灯一闪一闪，已经一个星期了。"),
    "blocked-gully": ("雨水口被树叶堵住，一下雨就淹到脚踝。", "排水口堵了，路边积水两天不退。"),
    "sewage": ("污水从井里冒出来，流了一路，味道很大。", "化粪池满了，污水漫到人行道上。"),
    "guard-rail": ("护栏被车撞歪了，尖角朝着行人。", "隔离护栏缺了一段，有人横穿马路。"),
    "traffic-light": ("红绿灯全灭了，路口乱成一团。", "人行信号灯一直红着，过不了马路。"),
    "rubbish": ("垃圾堆在路边三天没人清，苍蝇很多。", "有人半夜倒装修垃圾。"),
    "fallen-tree": ("大树倒在路中间，压到了电线。", "树枝断了挂在半空，随时会掉。"),
    "night-noise": ("工地半夜还在打桩，孩子睡不着。", "凌晨两点还在浇混凝土，噪声很大。"),
}

ASKING: Final = ("请尽快处理，谢谢。", "希望有人来看看。", "已经反映过一次了。", "麻烦派人现场核实。", "")

CLOSING: Final = {
    "repaired": ("已安排养护单位现场修复。", "经现场核查，问题已处理完毕。"),
    "explained": ("经核查，该处已列入下季度整治计划，已向来电人说明。", "属小区内部道路，已转物业并向来电人解释。"),
    "adopted": ("建议已采纳，将在改造设计中落实。",),
    "declined": ("经核实不属于受理范围，已告知来电人向有关单位反映。",),
}
