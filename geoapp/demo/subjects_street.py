"""What the demo city's catalogue lists of the street: dirt, signs, sites, order, emergencies, pollution."""

from __future__ import annotations

from typing import Final

from geoapp.demo.subject import Subjects
from geoapp.demo.subject import subjects as _list

STREET: Final[tuple[Subjects, ...]] = (
    _list(
        "environment", "component", 3,
        "公共厕所 Public toilet | 移动公厕 Mobile toilet | 无障碍公厕 Accessible toilet",
        "脏污 dirty | 异味 smells | 停用 out of use | 缺水 without water | 设施损坏 equipment broken | "
        "无厕纸 without paper | 照明不亮 unlit | 开放时间过短 closes too early",
    ),
    _list(
        "environment", "component", 2,
        "果皮箱 Litter bin | 垃圾桶 Rubbish bin | 垃圾转运站 Transfer station | 分类投放点 Sorting point | "
        "大件垃圾点 Bulky waste point | 旧衣回收箱 Clothes bank",
        "破损 broken | 满溢 full | 脏污 dirty | 异味 smells | 被占用 obstructed | 设置不合理 badly placed | "
        "无人管理 nobody looks after it",
    ),
    _list(
        "environment", "event", 2,
        "主干道 Main road | 背街小巷 Back street | 城中村 Urban village | 农贸市场周边 Around a market | "
        "学校周边 Around a school | 医院周边 Around a hospital | 公交站 Bus stop | 地铁口 Metro entrance | "
        "海滩 Beach | 绿地 Green space | 空置地块 Vacant lot | 工业区 Industrial area | "
        "天桥地道 Footbridge or underpass | 停车场 Car park | 建筑周边 Around a building site | 旅游景点 Sight | "
        "河道沿线 Along a river | 铁路沿线 Along a railway | 高速路口 Motorway exit",
        "暴露垃圾 rubbish lies about | 积存渣土 rubble is left | 乱倒垃圾 rubbish is tipped | "
        "大件垃圾 bulky waste | 路面不洁 dirty ground | 油污 oil spill | 动物尸体 dead animal | "
        "焚烧垃圾 rubbish burnt | 乱堆物料 things piled up | 蚊蝇鼠害 flies and rats",
    ),
    _list(
        "advertising", "event", 5,
        "店招牌匾 Shop sign | 户外广告牌 Billboard | 楼顶标识 Rooftop sign | 公交站广告 Bus stop advert | "
        "围挡广告 Hoarding advert | 移动广告牌 Sandwich board | 充气广告 Inflatable advert | "
        "气球拱门 Balloon arch | 道旗 Lamp-post flag | 横幅 Banner | 墙体布幔 Wall cloth | 立柱广告 Column advert",
        "违规设置 without permit | 破损 broken | !松动欲坠 loose and may fall | 脏污 dirty | "
        "遮挡窗户 blocks windows | 遮挡标志 hides a traffic sign | 占用人行道 in the footway | "
        "内容不雅 indecent | 虚假宣传 false | 过期未拆 out of date",
    ),
    _list(
        "advertising", "event", 3,
        "灯箱广告 Light box | 电子显示屏 LED screen | 霓虹灯 Neon sign | 投影广告 Projected advert | "
        "亮化工程 Illumination",
        "亮灯缺字 letters unlit | 光线扰民 too bright | 闪烁 flickers | 声音扰民 too loud | "
        "深夜不熄 lit all night | 违规设置 without permit | !漏电 live | 破损 broken",
    ),
    _list(
        "advertising", "event", 2,
        "小广告 Sticker | 涂鸦 Graffiti | 传单 Leaflet | 地面喷涂 Writing on the ground | "
        "车窗卡片 Card on car windows",
        "在公交站 at a bus stop | 在天桥 on a footbridge | 在电线杆 on a pole | 在居民楼 in a block of flats | "
        "在学校周边 near a school | 在围墙 on a wall | 在变电箱 on a cabinet | 在商业街 in a shopping street | "
        "涉嫌诈骗 looks like fraud | 涉黄涉赌 sex or gambling",
    ),
    _list(
        "construction", "event", 3,
        "房建工地 Building site | 道路工地 Road works | 地铁工地 Metro site | 水务工地 Waterworks site | "
        "拆除工地 Demolition site | 园林工地 Planting works | 桥梁维修工地 Bridge repair | "
        "学校工地 School building site | 医院工地 Hospital building site",
        "夜间施工 works at night | 噪声扰民 noisy | 扬尘 dusty | 泥浆外溢 mud runs out | "
        "车辆带泥 trucks muddy the road | 围挡破损 hoarding broken | !围挡倒塌 hoarding fallen | "
        "占用人行道 blocks the footway | 未设警示 without warning signs | 超期未完 beyond its time | "
        "!塔吊越界 crane over homes | 灯光扰民 lights shine into homes",
    ),
    _list(
        "construction", "event", 3,
        "管线开挖 Trench | 电力管沟 Power trench | 通信管沟 Telecom trench | 燃气管沟 Gas trench | "
        "给水管沟 Water trench | 临时占道施工 Works in the carriageway",
        "未按期恢复 not filled in in time | 恢复不平 left uneven | !坑洞未遮盖 hole left open | "
        "未设警示 without warning signs | 未公示许可 permit not shown | 铁板异响 plates rattle | "
        "余土未清 soil left behind",
    ),
    _list(
        "construction", "event", 2,
        "渣土车 Dump truck | 搅拌车 Concrete mixer | 渣土受纳场 Spoil ground | 搅拌站 Concrete plant",
        "撒漏 spills | 扬尘 dusty | 噪声 noisy | 超载超速 overloaded or too fast | 夜间扰民 disturbs at night | "
        "带泥上路 muddies the road",
    ),
    _list(
        "construction", "event", 5,
        "室内装修 Fitting-out | 外墙维修 Facade repair | 加装电梯施工 Lift being added",
        "违规时段施工 outside hours | 噪声扰民 noisy | 粉尘 dusty | 装修垃圾乱堆 rubble piled up | "
        "破坏承重墙 breaks a bearing wall | !高空坠物 things fall",
    ),
    _list(
        "order", "event", 2,
        "流动摊贩 Street vendor | 烧烤摊 Barbecue stall | 水果摊 Fruit stall | 早餐摊 Breakfast stall | "
        "夜宵摊 Late-night stall | 烟酒摊 Tobacco stall | 旧货摊 Second-hand stall | 算命摊 Fortune teller",
        "占道经营 in the way | 油烟扰民 smoky | 噪声扰民 noisy | 污水横流 waste water runs out | "
        "垃圾未清 leaves rubbish | 占用盲道 on the tactile paving | !占用消防通道 blocks a fire lane | "
        "聚集拥堵 draws a crowd | 占用公交站 in a bus stop",
    ),
    _list(
        "order", "event", 2,
        "沿街店铺 Shop | 维修店 Repair shop | 洗车店 Car wash | 废品收购点 Scrap dealer | "
        "快递分拣点 Parcel sorting",
        "超门线经营 trades on the footway | 占道作业 works in the street | 噪声扰民 noisy | "
        "污水横流 waste water runs out | 堆放物品 piles things up | !占用消防通道 blocks a fire lane",
    ),
    _list(
        "order", "event", 1,
        "小汽车 Car | 货车 Lorry | 大客车 Coach | 泥头车 Dump truck | 房车 Camper",
        "占用人行道 on the footway | 占用盲道 on the tactile paving | !占用消防通道 in a fire lane | "
        "占用公交站 in a bus stop | 占用自行车道 on the cycle track | 堵塞路口 blocks the crossing | "
        "压坏绿地 on the green | 鸣笛扰民 hoots | 长期停放 left for long | 占用无障碍车位 in a disabled bay",
    ),
    _list(
        "order", "event", 1,
        "电动自行车 E-bike | 共享单车 Shared bike | 摩托车 Motorcycle | 三轮车 Tricycle | 滑板车 Scooter",
        "乱停放 badly parked | 堆积 piled up | 占用盲道 on the tactile paving | 逆行 against the traffic | "
        "走人行道 rides on the footway | 闯红灯 runs red lights | 超速 too fast | 长期停放 left for long",
    ),
    _list(
        "order", "event", 2,
        "广场舞 Square dancing | 街头卖唱 Street singing | 商铺音响 Shop loudspeaker | 露天餐饮 Open-air eating",
        "音量过大 too loud | 深夜扰民 late at night | 清晨扰民 early in the morning | 占用通道 blocks the way",
    ),
    _list(
        "emergency", "event", 1,
        "机动车道 Carriageway | 人行道 Footway | 桥梁 Bridge | 隧道 Tunnel | 边坡 Slope | 河堤 Dyke | "
        "挡土墙 Retaining wall | 地下通道 Underpass",
        "!塌陷 caves in | !开裂 cracks | !内涝积水 is flooded | !落石滑坡 rocks or earth come down | "
        "!树木倒伏 tree down on it | !油污打滑 slippery with oil | !坠物 things have fallen on it",
    ),
    _list(
        "emergency", "event", 1,
        "居民楼 Block of flats | 学校 School | 医院 Hospital | 商场 Shopping centre | 写字楼 Office block | "
        "酒店 Hotel | 养老院 Care home | 城中村楼栋 Village block | 工业厂房 Factory building | "
        "地铁站 Metro station | 体育馆 Sports hall | 农贸市场 Market",
        "!停水 without water | !停电 without power | !停气 without gas | !燃气泄漏 smells of gas | "
        "!冒烟起火 smokes or burns | !电梯困人 people stuck in a lift | !墙体开裂 walls crack | "
        "!高空坠物 things fall | !进水 flooded",
    ),
    _list(
        "emergency", "event", 1,
        "加油站 Filling station | 化工仓库 Chemicals store | 危化品车辆 Tanker | 燃气站 Gas depot | "
        "充电站 Charging station",
        "!泄漏 leaks | !冒烟起火 smokes or burns | !异味 smells | !爆炸声响 bang heard | "
        "!违规存放 stored against the rules",
    ),
    _list(
        "emergency", "event", 1,
        "给水管 Water main | 污水管 Sewer | 燃气管 Gas main | 电力线 Power line | 通信线 Telecom line",
        "!爆裂断裂 burst or broken | !外力破坏 damaged by works | !泄漏外露 leaks or lies bare",
    ),
    _list(
        "emergency", "event", 1,
        "海滨 Seafront | 河道 River | 水库 Reservoir | 山林 Hills",
        "!人员落水遇险 somebody in danger | !台风毁损 storm damage | !警示缺失 warnings missing | "
        "!水位上涨 water rises",
    ),
    _list(
        "ecology", "event", 5,
        "餐馆 Restaurant | 烧烤店 Barbecue restaurant | 食堂 Canteen | 面包店 Bakery | "
        "夜宵店 Late-night restaurant",
        "油烟 cooking fumes | 噪声 noise | 污水直排 waste water | 异味 smells | 烟道扰民 flue near windows | "
        "餐厨垃圾乱堆 food waste piled up | 隔油设施缺失 no grease trap",
    ),
    _list(
        "ecology", "event", 5,
        "制造厂 Factory | 印刷厂 Print works | 汽修喷漆店 Car paint shop | 家具厂 Furniture works | "
        "电镀厂 Plating works | 塑料厂 Plastics works | 洗水厂 Laundry works | 纸箱厂 Box factory",
        "废气 exhaust fumes | 恶臭 stench | 粉尘 dust | 噪声 noise | 振动 vibration | "
        "!偷排污水 secret discharge | 黑烟 black smoke | 固废乱堆 solid waste piled up | 危废违规 hazardous waste",
    ),
    _list(
        "ecology", "event", 5,
        "污水厂 Sewage works | 垃圾焚烧厂 Waste incinerator | 垃圾填埋场 Landfill | 养殖场 Animal farm | "
        "屠宰场 Slaughterhouse | 餐厨处理厂 Food waste works",
        "恶臭 stench | 噪声 noise | 污水 waste water | 蚊蝇 flies | 废气 exhaust fumes | "
        "运输撒漏 spills on the way",
    ),
    _list(
        "ecology", "event", 7,
        "高速公路 Motorway | 城市干道 Main road | 轨道交通 Railway | 机场航线 Flight path | 码头 Wharf | "
        "公交场站 Bus depot",
        "噪声 noise | 振动 vibration | 夜间扰民 disturbs at night | 扬尘 dust | 尾气 exhaust fumes | "
        "隔声不足 too little shielding",
    ),
    _list(
        "ecology", "event", 5,
        "空调外机 Air conditioner | 冷却塔 Cooling tower | 水泵房 Pump room | 变电站 Substation | "
        "通信基站 Mobile mast | 玻璃幕墙 Glass facade",
        "噪声 noise | 振动 vibration | 热风 hot air | 滴水 drips | 辐射疑虑 worry about radiation | 反光 glare",
    ),
)  # fmt: skip
