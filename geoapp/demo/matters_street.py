"""What goes wrong in the demo city in the street: traffic, dirt, trees, signs, building sites, disorder."""

from __future__ import annotations

from typing import Final

from geoapp.demo.matter import Told
from geoapp.demo.matter import told as _matter

STREET: Final[tuple[Told, ...]] = (
    _matter(
        "traffic", "guard-rail", "护栏损坏", "Guard rail damaged", "护栏|guard rail",
        "roads", 5, 0.2, "any",
        says=("护栏被车撞歪了，尖角朝着行人。", "隔离护栏缺了一段，有人横穿马路。"),
    ),
    _matter(
        "traffic", "traffic-light", "红绿灯故障", "Traffic light fault", "红绿灯|信号灯|signal",
        "signals", 3, 0.9, "any", urgent=True,
        says=("红绿灯全灭了，路口乱成一团。", "人行信号灯一直红着，过不了马路。"),
    ),
    _matter(
        "traffic", "signal-timing", "绿灯时间过短", "Green phase too short", "绿灯|green phase",
        "signals", 3, 0, "any",
        says=("绿灯只有十几秒，老人走到一半就变红。", "左转绿灯太短，一次只能过三辆车。"),
    ),
    _matter(
        "traffic", "road-sign", "路牌破损", "Damaged road sign", "路牌|road sign",
        "roads", 2, 0.4, "any",
        says=("路牌掉了一半，挂在那里晃。", "路牌被树挡住，完全看不见。"),
    ),
    _matter(
        "traffic", "road-marking", "标线不清", "Faded road markings", "标线|斑马线|road markings",
        "roads", 3, 0, "any",
        says=("斑马线磨没了，车都不让人。", "标线看不清，晚上会开到对面去。"),
    ),
    _matter(
        "traffic", "bus-shelter", "候车亭破损", "Broken bus shelter", "候车亭|bus shelter",
        "bus_stops", 3, 0.5, "any",
        says=("候车亭玻璃碎了一地。", "候车亭顶漏雨，座椅也断了。"),
    ),
    _matter(
        "traffic", "bus-board", "站牌信息有误", "Wrong bus stop sign", "站牌|bus stop sign",
        "bus_stops", 2, 0, "any",
        says=("站牌上的线路早就改了，还没换。", "站牌电子屏黑了一个月。"),
    ),
    _matter(
        "environment", "rubbish", "垃圾堆积", "Rubbish piled up", "垃圾|rubbish|garbage",
        "roads/street", 9, -0.2, "any",
        says=("垃圾堆在路边三天没人清，苍蝇很多。", "桶满了没人收，袋子堆到路上。"),
    ),
    _matter(
        "environment", "fly-tipping", "乱倒渣土", "Fly-tipping", "渣土|fly-tipping",
        "roads/street", 3, -0.3, "night",
        says=("有人半夜往路边倒渣土。", "一车渣土倒在绿化带旁边，走不过去。"),
    ),
    _matter(
        "environment", "dirty-toilet", "公厕脏乱", "Dirty public toilet", "公厕|public toilet",
        "parks", 2, 0, "any",
        says=("公厕没水，脏得进不去。", "公厕门坏了，也没有纸。"),
    ),
    _matter(
        "environment", "dead-water", "河涌黑臭", "Foul canal", "黑臭|foul canal",
        "roads/street", 1, -0.4, "any",
        says=("河涌又黑又臭，漂着死鱼。", "排口一直流黑水，黑臭难忍。"),
    ),
    _matter(
        "green", "fallen-tree", "树木倾倒", "Fallen tree", "树木|大树|fallen tree",
        "roads", 2, 3, "any", urgent=True,
        says=("大树倒在路中间，压到了电线。", "树断了半挂在空中，随时会掉。"),
    ),
    _matter(
        "green", "branches", "树枝遮挡", "Overhanging branches", "树枝|branches",
        "roads/street", 4, 0.4, "any",
        says=("树枝把人行灯全挡住了。", "树枝伸进阳台，也挡住了路口的视线。"),
    ),
    _matter(
        "green", "bare-lawn", "绿地损毁", "Damaged lawn", "绿地|草坪|lawn",
        "parks", 2, 0, "any",
        says=("草坪被压成了泥地，没人补种。", "绿地被人圈起来种菜。"),
    ),
    _matter(
        "green", "park-bench", "座椅损坏", "Broken bench", "座椅|bench",
        "parks", 2, 0.1, "any",
        says=("公园座椅的木条断了，钉子露着。", "座椅少了一条腿，坐下去就翻。"),
    ),
    _matter(
        "green", "playground", "健身器材损坏", "Broken exercise equipment", "健身器材|秋千|playground",
        "parks", 3, 0.1, "any",
        says=("健身器材的螺丝掉了，老人差点摔下来。", "秋千的链子断了一根。"),
    ),
    _matter(
        "advertising", "small-ads", "乱贴小广告", "Illegal stickers", "小广告|stickers",
        "bus_stops", 2, -0.2, "any",
        says=("站台上全是小广告，撕了又贴。", "贴满了小广告，连站名都看不见。"),
    ),
    _matter(
        "advertising", "shop-sign", "广告牌松动", "Loose billboard", "广告牌|招牌|billboard",
        "roads/street", 2, 1.5, "any",
        says=("广告牌一角掉下来了，风一吹就晃。", "招牌的铁架锈断，挂在行人头上。"),
    ),
    _matter(
        "construction", "night-noise", "施工噪声扰民", "Noise from building works", "噪声|噪音|noise",
        "roads/street", 5, -0.5, "night",
        says=("工地半夜还在打桩，孩子睡不着。", "凌晨两点还在浇混凝土，噪声很大。"),
    ),
    _matter(
        "construction", "hoarding", "围挡破损", "Broken hoarding", "围挡|hoarding",
        "roads/street", 2, 0.6, "any",
        says=("工地围挡倒了一片，铁皮翘到路上。", "围挡占了整条人行道，行人只能走车道。"),
    ),
    _matter(
        "construction", "dust", "工地扬尘", "Dust from works", "扬尘|dust",
        "roads/street", 2, -0.7, "any",
        says=("工地扬尘很大，窗台天天一层灰。", "渣土车没盖好，一路扬尘。"),
    ),
    _matter(
        "order", "street-vendor", "占道经营", "Street vending", "占道|摊位|street vendor",
        "roads/street", 5, -0.5, "evening",
        says=("摊位把整条路都占了，车进不来。", "烧烤摊占道到半夜，地上全是油。"),
    ),
    _matter(
        "order", "parking", "机动车乱停放", "Illegal parking", "乱停|违停|illegal parking",
        "roads/street", 6, -0.1, "any",
        says=("车停在消防通道上，天天如此。", "两边违停，公交车转不过弯。"),
    ),
    _matter(
        "order", "shared-bikes", "共享单车堆放", "Shared bikes piled up", "共享单车|shared bikes",
        "bus_stops", 3, -0.3, "any",
        says=("共享单车把出口堵死了。", "单车倒了一排，没人扶。"),
    ),
    _matter(
        "emergency", "burst-pipe", "水管爆裂", "Burst water pipe", "爆裂|爆管|burst pipe",
        "roads", 1, 0.1, "any", urgent=True,
        says=("水管爆了，水喷得两层楼高。", "地下水管爆裂，整条路都是水。"),
    ),
    _matter(
        "emergency", "gas-smell", "燃气异味", "Smell of gas", "燃气|煤气|smell of gas",
        "manholes/manhole-gas", 1, 0, "any", urgent=True,
        says=("路过时闻到很浓的燃气味。", "井口边一股煤气味，不敢靠近。"),
    ),
)  # fmt: skip
