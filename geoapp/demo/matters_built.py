"""What goes wrong in the demo city with what is built: pipes, lamps, roads, footbridges and drains."""

from __future__ import annotations

from typing import Final

from geoapp.demo.matter import Told
from geoapp.demo.matter import told as _matter

BUILT: Final[tuple[Told, ...]] = (
    _matter(
        "utility", "manhole-cover", "井盖缺失", "Manhole cover missing", "井盖|manhole",
        "manholes", 5, 0.1, "any", urgent=True,
        says=("井盖不见了，只插了一根树枝，晚上太危险。", "井盖破了一半，车一压就翘起来。"),
    ),
    _matter(
        "utility", "manhole-noise", "井盖异响", "Rattling manhole cover", "异响|rattling cover",
        "manholes", 4, 0, "any",
        says=("车一过井盖就哐当响，整夜睡不着。", "井盖松了，车一压就响。"),
    ),
    _matter(
        "utility", "street-light", "路灯不亮", "Street light out", "路灯|street light|lamp",
        "lamps", 15, 0.2, "evening",
        says=("路灯连着三盏不亮，晚上一片漆黑。", "路灯一闪一闪，已经一个星期了。"),
    ),
    _matter(
        "utility", "lamp-post", "灯杆倾斜", "Leaning post", "灯杆|leaning post",
        "lamps", 2, 0.4, "any",
        says=("灯杆被车撞歪了，看着要倒。", "灯杆底座锈穿了，风一吹就晃。"),
    ),
    _matter(
        "utility", "live-wire", "电线裸露", "Bare wires", "裸露|漏电|bare wires",
        "lamps", 1, 0.8, "any", urgent=True,
        says=("灯杆下面的小门开着，电线露在外面，孩子伸手就能摸到。", "下雨时摸到灯杆手发麻，怀疑漏电。"),
    ),
    _matter(
        "utility", "hydrant", "消火栓漏水", "Leaking hydrant", "消火栓|消防栓|hydrant",
        "roads/street", 1, 0, "any",
        says=("消火栓一直滴水，地上湿了一片。", "消防栓被撞歪，水往外喷。"),
    ),
    _matter(
        "utility", "cable-cabinet", "通信箱破损", "Broken cable cabinet", "通信箱|电箱|cable cabinet",
        "roads/street", 2, 0.1, "any",
        says=("路边通信箱门掉了，线都拖在地上。", "电箱歪了，门关不上。"),
    ),
    _matter(
        "road", "pothole", "路面坑洼", "Pothole", "坑洼|坑洞|大坑|pothole",
        "roads", 15, 0.9, "after",
        says=("路面坑坑洼洼，电动车很容易摔倒。", "有个大坑，下雨积水看不见，很危险。"),
    ),
    _matter(
        "road", "cave-in", "路面塌陷", "Road cave-in", "塌陷|cave-in|sinkhole",
        "roads", 1, 1.6, "any", urgent=True,
        says=("路面塌下去一块，旁边还在开裂，请尽快围挡。", "路面突然塌陷，公交车都绕着走。"),
    ),
    _matter(
        "road", "broken-footway", "人行道破损", "Broken footway", "人行道|地砖|sidewalk|footway",
        "roads/street", 11, 0.3, "any",
        says=("人行道地砖松动，一踩一脚泥水。", "好几块砖翘起来，老人绊倒了。"),
    ),
    _matter(
        "road", "tactile-paving", "盲道受阻", "Tactile paving blocked", "盲道|tactile paving",
        "roads/street", 2, 0, "any",
        says=("盲道中间立着一根杆子。", "盲道被压坏了，断了十几米。"),
    ),
    _matter(
        "road", "kerb", "路缘石破损", "Broken kerb", "路缘石|kerb",
        "roads/street", 2, 0.1, "any",
        says=("路缘石断了一截，轮椅下不去。", "路缘石被货车压碎了，石头滚到车道上。"),
    ),
    _matter(
        "road", "broken-steps", "台阶破损", "Broken steps", "台阶|steps",
        "footbridges", 4, 0.2, "any",
        says=("台阶断了一级，老人上下很容易踩空。", "台阶边角碎了，露出钢筋。"),
    ),
    _matter(
        "road", "steep-ramp", "天桥坡道过陡", "Footbridge ramp too steep", "坡道|ramp",
        "footbridges/footbridge-ramp", 1.2, 0, "any",
        says=("天桥坡道太陡，轮椅根本推不上去。", "坡道又陡又窄，婴儿车下不来。"),
    ),
    _matter(
        "road", "footbridge-lift", "天桥电梯停运", "Footbridge lift out of order", "电梯|lift",
        "footbridges/footbridge-lift", 1.5, 0.2, "any",
        says=("天桥电梯停了半个月，老人只能爬楼梯。", "电梯门一开一合关不上。"),
    ),
    _matter(
        "road", "slippery-deck", "天桥桥面湿滑", "Slippery footbridge", "湿滑|slippery",
        "footbridges", 1.2, 1.4, "any",
        says=("桥面一下雨就滑，今天已经摔了两个人。", "天桥顶棚漏水，桥面全是青苔，湿滑。"),
    ),
    _matter(
        "drainage", "blocked-gully", "雨水口堵塞", "Blocked gully", "雨水口|gully|drain",
        "roads", 9, 2.2, "any",
        says=("雨水口被树叶堵住，一下雨就淹到脚踝。", "排水口堵了，路边的水两天不退。"),
    ),
    _matter(
        "drainage", "flooding", "道路积水", "Flooded road", "积水|flooded road|flooding",
        "roads", 3, 6, "any", urgent=True,
        says=("积水到膝盖了，好几辆车熄火。", "下穿通道积水，车过不去。"),
    ),
    _matter(
        "drainage", "sewage", "污水冒溢", "Sewage overflow", "污水|sewage",
        "manholes/manhole-sewage", 4, 1.2, "any",
        says=("污水从井里冒出来，流了一路，味道很大。", "化粪池满了，污水漫到人行道上。"),
    ),
)  # fmt: skip
