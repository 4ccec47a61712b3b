"""What the demo city's catalogue lists of what is built: utilities, roads, drains, traffic, greenery."""

from __future__ import annotations

from typing import Final

from geoapp.demo.subject import Subjects
from geoapp.demo.subject import subjects as _list

BUILT: Final[tuple[Subjects, ...]] = (
    _list(
        "utility", "component", 5,
        "给水井盖 Water manhole cover | 污水井盖 Sewage manhole cover | 雨水井盖 Rainwater manhole cover | "
        "电力井盖 Power manhole cover | 通信井盖 Telecom manhole cover | 燃气井盖 Gas manhole cover | "
        "路灯井盖 Lighting manhole cover | 热力井盖 District heating manhole cover | "
        "公安监控井盖 Police camera manhole cover | 无主井盖 Manhole cover of nobody known",
        "破损 broken | !缺失 missing | !松动 loose | 沉降 sunken | 凸起 raised | 异响 rattles | 移位 displaced | "
        "被掩埋 buried | 标识不符 bears the wrong letters | 井圈破损 frame broken",
    ),
    _list(
        "utility", "component", 3,
        "路灯 Street lamp | 巷道灯 Lane lamp | 景观灯 Decorative light | 隧道灯 Tunnel light | "
        "高杆灯 High-mast light | 庭院灯 Garden light",
        "不亮 out | 闪烁 flickers | 白天不灭 lit by day | 亮度不足 too dim | 眩光扰民 shines into windows | "
        "灯罩破损 cover broken | 灯杆倾斜 post leaning | !灯杆断裂 post broken | !漏电 live | "
        "!电线裸露 wires bare | 检修门缺失 hatch missing | 被树遮挡 hidden by trees",
    ),
    _list(
        "utility", "component", 5,
        "阀门箱 Valve box | 水表箱 Water meter box | 燃气调压箱 Gas regulator box | 通信交接箱 Telecom cabinet | "
        "配电箱 Power cabinet | 变压器箱 Transformer box | 监控设备箱 Camera cabinet | 快递柜 Parcel locker | "
        "光缆交接箱 Fibre cabinet",
        "破损 broken | !缺失 missing | 松动 loose | 倾斜 leaning | 锈蚀 rusted | 脏污 dirty | "
        "被遮挡 hidden from view | 被占用 obstructed | 标识不清 label cannot be read | 箱门敞开 door stands open",
    ),
    _list(
        "utility", "component", 5,
        "消火栓 Hydrant | 公共直饮水点 Drinking fountain | 给水管 Water main | 绿化取水栓 Garden tap",
        "漏水 leaks | 破损 broken | !缺失 missing | 被占用 obstructed | 锈蚀 rusted | 无水 without water | "
        "水压不足 pressure too low",
    ),
    _list(
        "utility", "component", 5,
        "电力杆 Power pole | 通信杆 Telecom pole | 视频监控杆 Camera post",
        "倾斜 leaning | !断裂 broken | 废弃未拆 no longer used | 占用人行道 in the footway | "
        "线缆杂乱 cables in a tangle | !线缆垂落 cables hang down",
    ),
    _list(
        "utility", "component", 7,
        "公用电话亭 Telephone booth | 报刊亭 Newspaper kiosk",
        "破损 broken | !缺失 missing | 松动 loose | 倾斜 leaning | 锈蚀 rusted | 脏污 dirty | "
        "被遮挡 hidden from view | 被占用 obstructed | 标识不清 label cannot be read | 箱门敞开 door stands open",
        went=True,
    ),
    _list(
        "utility", "component", 3,
        "电动自行车充电棚 E-bike charging shelter | 电动自行车换电柜 E-bike battery cabinet",
        "破损 broken | 停用 out of use | !冒烟起火 smokes or burns | !漏电 live | 收费不明 price not shown | "
        "被占用 obstructed | 占用通道 blocks the way | 脏污 dirty",
        came=True,
    ),
    _list(
        "road", "component", 7,
        "快速路路面 Expressway surface | 主干道路面 Main road surface | 次干道路面 Secondary road surface | "
        "支路路面 Side street surface | 巷道路面 Lane surface | 人行道 Footway | 自行车道 Cycle track | "
        "公交停靠带 Bus bay | 桥面 Bridge deck | 隧道路面 Tunnel surface | 停车港湾 Lay-by | "
        "村道路面 Village road surface",
        "坑洼 potholed | 裂缝 cracked | 沉陷 sunken | !塌陷 caved in | 拥包 humped | 松散剥落 ravelling | "
        "积水 under water | 打滑 slippery | 修补不平 patched unevenly | 污染 spilt on",
    ),
    _list(
        "road", "component", 7,
        "盲道 Tactile paving | 路缘石 Kerb | 路缘坡道 Dropped kerb | 人行道台阶 Footway steps | "
        "天桥台阶 Footbridge steps | 地道台阶 Underpass steps",
        "破损 broken | 松动 loose | 缺失 missing | 过陡 too steep | 过窄 too narrow | 中断 comes to an end | "
        "打滑 slippery | 被占用 obstructed",
    ),
    _list(
        "road", "component", 7,
        "人行天桥 Footbridge | 人行地道 Underpass | 跨河桥 River bridge | 立交桥 Flyover | "
        "桥梁护栏 Bridge railing | 桥梁伸缩缝 Expansion joint",
        "破损 damaged | !断裂 cracked through | 松动 loose | 渗水 leaks | 锈蚀 rusted | 异响 rattles | 脏污 dirty",
    ),
    _list(
        "road", "component", 5,
        "天桥电梯 Footbridge lift | 天桥扶梯 Footbridge escalator | 地道扶梯 Underpass escalator",
        "停用 out of use | !困人 people stuck in it | 异响 noisy | 脏污 dirty | 开放时间过短 closes too early",
    ),
    _list(
        "drainage", "component", 5,
        "雨水管 Storm drain | 污水管 Sewer | 合流管 Combined sewer | 暗渠 Culvert | 明沟 Open ditch | "
        "雨水立管 Downpipe",
        "堵塞 blocked | 破损 broken | 渗漏 leaks | 淤积 silted up | !塌陷 collapsed | 错接 wrongly connected | "
        "异味 smells | !污水外溢 overflows with sewage | !雨水倒灌 water comes back",
    ),
    _list(
        "drainage", "component", 3,
        "雨水箅子 Drain grating | 雨水口 Gully | 检查井 Inspection chamber | 截污井 Intercepting well | "
        "化粪池 Septic tank | 隔油池 Grease trap",
        "堵塞 blocked | 破损 broken | !盖板缺失 cover missing | 盖板松动 cover loose | 异响 rattles | "
        "淤积 silted up | 异味 smells | 蚊虫孳生 breeds mosquitoes | !满溢 overflows",
    ),
    _list(
        "drainage", "component", 7,
        "排水泵站 Pumping station | 调蓄池 Storage tank | 排水口 Outfall | 水闸 Sluice | 拦污栅 Trash rack",
        "停运 out of use | 噪声 noisy | 异味 smells | 破损 broken | 淤积 silted up | "
        "!晴天排污 discharges in dry weather",
    ),
    _list(
        "drainage", "component", 7,
        "河涌 Canal | 河道 River | 水库 Reservoir | 人工湖 Lake | 湿地 Wetland",
        "黑臭 foul | 漂浮垃圾 rubbish floats | 死鱼 dead fish | 水草过多 overgrown | 淤积 silted up | "
        "!水位过高 too high | 排污 sewage runs in",
    ),
    _list(
        "drainage", "component", 7,
        "河岸护栏 Bank railing | 河堤步道 Bank path | 下沉式绿地 Rain garden",
        "破损 broken | 缺失 missing | 沉陷 sunken | 脏污 dirty",
    ),
    _list(
        "traffic", "component", 2,
        "交通信号灯 Traffic light | 人行信号灯 Pedestrian light | 非机动车信号灯 Cycle light | "
        "可变车道灯 Lane signal",
        "!不亮 out | !错亮 shows the wrong colour | 倒计时故障 countdown fails | 绿灯过短 green too short | "
        "红灯过长 red too long | 被遮挡 hidden from view | 灯杆倾斜 post leaning | "
        "提示音故障 sound for the blind fails",
    ),
    _list(
        "traffic", "component", 5,
        "交通标志牌 Traffic sign | 指路牌 Direction sign | 路名牌 Street name sign | 公交站牌 Bus stop sign | "
        "停车收费牌 Parking sign | 出租车站牌 Taxi stand sign | 限速牌 Speed limit sign | "
        "禁停牌 No-parking sign | 限高架 Height gauge | 旅游指引牌 Tourist sign",
        "破损 broken | 缺失 missing | 松动 loose | 倾斜 leaning | 锈蚀 rusted | 脏污 dirty | "
        "被遮挡 hidden from view | 内容有误 says what is wrong | 设置不合理 badly placed",
    ),
    _list(
        "traffic", "component", 5,
        "隔离护栏 Guard rail | 防撞桶 Crash barrel | 车止石 Bollard | 减速带 Speed hump | 反光镜 Traffic mirror | "
        "声屏障 Noise barrier | 人行护栏 Pedestrian railing",
        "破损 broken | 缺失 missing | 松动 loose | 倾倒 fallen | 脏污 dirty | 设置不合理 badly placed | "
        "!伸入车道 in the carriageway",
    ),
    _list(
        "traffic", "component", 5,
        "候车亭 Bus shelter | 自行车停放架 Bike rack | 交通岗亭 Traffic booth",
        "破损 broken | 漏雨 lets the rain in | 座椅损坏 seat broken | 照明不亮 unlit | 脏污 dirty | "
        "占用人行道 in the footway",
    ),
    _list(
        "traffic", "component", 7,
        "车道线 Lane marking | 人行横道线 Zebra crossing | 停止线 Stop line | 公交专用道标线 Bus lane marking | "
        "泊位线 Parking bay lines | 网状线 Box junction",
        "磨损 worn | 缺失 missing | 新旧重叠 old and new overlap | 设置不合理 badly placed | 被遮盖 covered",
    ),
    _list(
        "green", "component", 5,
        "行道树 Street tree | 古树名木 Veteran tree | 公园树木 Park tree | 山坡树木 Hillside tree",
        "枯死 dead | !倾倒 fallen | 倾斜 leaning | 折断 broken off | !悬枝欲坠 branch may fall | "
        "病虫害 has pests | 遮挡路灯 hides a lamp | 遮挡标志 hides a traffic sign | "
        "枝叶伸入住宅 grows into a home | 被砍伐 felled | 根系拱路 roots lift the paving | "
        "树池破损 tree pit broken",
    ),
    _list(
        "green", "component", 7,
        "绿篱 Hedge | 草坪 Lawn | 花坛 Flower bed | 立体绿化 Green wall | 道路绿化带 Planted strip | "
        "高架桥绿化 Flyover planting",
        "枯死 dead | 缺株 plants missing | 病虫害 has pests | 未修剪 not trimmed | 遮挡视线 blocks the view | "
        "被踩踏 trampled | 被占用 occupied | 种菜 grown with vegetables | 垃圾 littered | 缺水 dry",
    ),
    _list(
        "green", "component", 5,
        "公园步道 Park path | 公园座椅 Park bench | 健身器材 Exercise equipment | "
        "儿童游乐设施 Playground equipment | 公园公厕 Park toilet | 凉亭 Pavilion | 碧道栈道 Boardwalk | "
        "绿地围栏 Park fence | 公园指示牌 Park sign | 公园球场 Park court",
        "破损 broken | 松动 loose | 脏污 dirty | 锈蚀 rusted | 停用 out of use | 照明不足 poorly lit | "
        "被占用 occupied | !伤人隐患 may hurt somebody",
    ),
    _list(
        "green", "component", 5,
        "公园水景 Park water feature | 喷灌设施 Sprinkler | 喷泉 Fountain",
        "漏水 leaks | 停用 out of use | 水质差 water foul | 喷到路面 wets the path",
    ),
)  # fmt: skip
