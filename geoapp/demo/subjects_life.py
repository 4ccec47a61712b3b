"""What the demo city's catalogue lists of life: transport, housing, markets, schools, health, work."""

from __future__ import annotations

from typing import Final

from geoapp.demo.subject import Subjects
from geoapp.demo.subject import subjects as _list

LIFE: Final[tuple[Subjects, ...]] = (
    _list(
        "transport", "event", 5,
        "常规公交 City bus | 快速公交 Express bus | 夜班公交 Night bus | 社区巴士 Community bus | 地铁 Metro | "
        "有轨电车 Tram | 长途客运 Long-distance coach | 轮渡 Ferry | 定制公交 Booked bus",
        "班次少 too few | 不准点 late | 拥挤 crowded | 甩站 passes stops by | 服务态度 rude | "
        "票价争议 fare disputed | 站点不合理 stop badly placed | 信息有误 wrong information | "
        "空调故障 air conditioning fails | 卫生差 dirty | !危险驾驶 drives dangerously | 遗失物品 lost property | "
        "无障碍不便 not accessible",
    ),
    _list(
        "transport", "event", 5,
        "出租车 Taxi | 网约车 Ride-hail | 代驾 Hired driver",
        "拒载 refuses riders | 绕行 makes a detour | 乱收费 overcharges | 服务态度 rude | "
        "!危险驾驶 drives dangerously | 遗失物品 lost property | 车内不洁 dirty inside | 无证营运 without licence",
    ),
    _list(
        "transport", "event", 7,
        "公共停车场 Car park | 路内停车 Street parking | 医院停车场 Hospital car park | "
        "商场停车场 Shopping centre car park | 景区停车场 Car park of a sight",
        "车位不足 too few spaces | 收费争议 charges disputed | 系统故障 machine fails | "
        "标识不清 signs not clear | 照明不足 poorly lit | 充电桩被占 charging bay blocked | "
        "无障碍车位不足 too few disabled bays",
    ),
    _list(
        "transport", "event", 5,
        "公交场站 Bus depot | 地铁站厅 Metro hall | 客运枢纽 Interchange | 机场航站楼 Airport terminal | "
        "火车站 Railway station",
        "指示不清 signs not clear | 电扶梯停用 escalator out of use | 候车拥挤 crowded | 卫生差 dirty | "
        "换乘不便 changing is hard | 座椅不足 too few seats | 漏雨 lets the rain in",
    ),
    _list(
        "housing", "event", 10,
        "商品房小区 Private estate | 保障房小区 Public housing estate | 老旧小区 Old estate | "
        "城中村出租屋 Village lettings | 公寓 Apartment house | 人才住房 Talent housing | 宿舍 Dormitory | "
        "商住楼 Mixed-use block | 安置小区 Resettlement estate",
        "屋面漏水 roof leaks | 外墙脱落 facade falls off | 电梯故障 lift fault | "
        "!电梯困人 people stuck in the lift | 违法搭建 built without permit | 楼道堆物 stairs blocked | "
        "消防设施失效 fire equipment fails | 停水停电 water or power fails | 管道堵塞 pipes blocked | "
        "门禁失效 doors do not lock | 群租 overcrowded | 交付质量 defects at handover",
    ),
    _list(
        "housing", "event", 7,
        "物业公司 Property manager | 业主委员会 Owners' committee | 房屋中介 Estate agent | "
        "租赁平台 Letting platform | 开发商 Developer",
        "收费争议 charges disputed | 服务差 poor service | 账目不公开 accounts not shown | 维修基金 repair fund | "
        "合同纠纷 contract dispute | 押金不退 deposit kept | 虚假宣传 false advertising | "
        "交接纠纷 handover dispute",
        public=False,
    ),
    _list(
        "housing", "event", 5,
        "小区停车场 Estate car park | 小区泳池 Estate pool | 小区绿地 Estate green | "
        "小区儿童乐园 Estate playground | 小区道路 Estate road | 小区充电桩 Estate charging point",
        "破损 broken | 脏污 dirty | 停用 out of use | 照明不足 poorly lit | 收费争议 charges disputed | "
        "被占用 occupied | 管理缺失 nobody looks after it",
    ),
    _list(
        "housing", "event", 7,
        "楼上邻居 Neighbour above | 隔壁邻居 Next-door neighbour | 楼下商户 Shop below",
        "噪声 noise | 漏水 water comes through | 占用公共部位 takes up shared space | 饲养宠物 keeps animals | "
        "高空抛物 throws things down",
        public=False,
    ),
    _list(
        "market", "event", 7,
        "超市 Supermarket | 农贸市场 Market | 便利店 Convenience store | 网店 Online shop | 直播间 Live shop | "
        "二手平台 Second-hand platform | 家居卖场 Furniture store | 眼镜店 Optician | 金店 Jeweller",
        "退款难 will not refund | 假冒伪劣 counterfeit | 缺斤短两 short weight | 价格欺诈 price fraud | "
        "过期商品 out of date | 虚假宣传 false advertising | 无证经营 without licence | 售后差 poor service | "
        "强制搭售 forced bundle | 泄露信息 leaks personal data",
        public=False,
    ),
    _list(
        "market", "event", 3,
        "餐饮店 Restaurant | 奶茶店 Tea bar | 外卖平台 Delivery platform | 学校周边小店 Shop near a school | "
        "集体配餐 Catering | 网红食品 Food sold online",
        "!食物中毒 food poisoning | 异物 foreign matter | 变质 gone off | 卫生差 dirty | "
        "无证经营 without licence | 后厨脏乱 kitchen dirty | 标签不符 label is wrong | 价格争议 price disputed",
        public=False,
    ),
    _list(
        "market", "event", 7,
        "美容院 Beauty salon | 健身房 Gym | 培训机构 Training school | 旅行社 Travel agency | 酒店 Hotel | "
        "影院 Cinema | 宠物店 Pet shop | 家政公司 Domestic agency | 婚庆公司 Wedding firm",
        "预付卡退款 prepaid card | 突然停业 closed down | 合同纠纷 contract dispute | 诱导消费 presses to buy | "
        "服务缩水 less than promised | 虚假宣传 false advertising | 价格不明 price not shown",
        public=False,
    ),
    _list(
        "market", "event", 7,
        "汽车销售 Car dealer | 汽车维修 Car repair | 家电维修 Appliance repair | 快递公司 Courier | "
        "通信运营商 Telecom operator",
        "质量问题 defects | 乱收费 overcharges | 拖延 delays | 售后差 poor service | 丢失损坏 lost or damaged",
        public=False,
    ),
    _list(
        "education", "event", 7,
        "幼儿园 Kindergarten | 小学 Primary school | 初中 Middle school | 高中 High school | "
        "职业学校 Vocational school | 民办学校 Private school | 特殊教育学校 Special school | 高校 University",
        "招生入学 admission | 收费 charges | 师资 teachers | 作业负担 homework | 校园餐 school meals | "
        "!食品安全 unsafe food | !校园欺凌 bullying | 上下学交通 school run | 校舍设施 buildings | "
        "转学学籍 transfer | 课后服务 after-school care | 体育活动 sport | 心理健康 mental health",
        public=False,
    ),
    _list(
        "education", "event", 7,
        "校外培训机构 Tutoring school | 午托班 Lunch club | 托育机构 Nursery | 驾校 Driving school | "
        "成人教育 Adult education",
        "退费难 will not refund | 无证办学 without licence | 虚假宣传 false advertising | !安全隐患 not safe | "
        "师资不符 teachers not as promised | 超范围培训 teaches what it may not | 卫生差 dirty",
        public=False,
    ),
    _list(
        "education", "event", 5,
        "图书馆 Library | 体育场馆 Sports centre | 文化馆 Culture centre | 博物馆 Museum | 剧院 Theatre | "
        "青少年宫 Youth palace | 社区书吧 Reading room",
        "开放时间 opening hours | 预约难 booking | 设施损坏 equipment broken | 环境卫生 dirty | 收费 charges | "
        "服务态度 rude | 活动名额 too few places | 无障碍 not accessible | 噪声 noisy",
    ),
    _list(
        "health", "event", 7,
        "综合医院 General hospital | 专科医院 Specialist hospital | 社区医院 Community clinic | "
        "妇幼保健院 Maternity hospital | 口腔诊所 Dentist | 中医馆 Chinese medicine clinic | "
        "民营医院 Private hospital | 康复医院 Rehabilitation hospital",
        "挂号难 appointments | 收费 charges | 医保结算 insurance | 服务态度 rude | 等候久 long waits | "
        "!医疗安全 unsafe treatment | 病历资料 records | 药品短缺 medicine short | 环境卫生 hygiene | "
        "探视陪护 visits | 停车难 parking | 无障碍 not accessible | 误诊投诉 wrong diagnosis",
        public=False,
    ),
    _list(
        "health", "event", 5,
        "急救 Ambulance | 疫苗接种点 Vaccination point | 体检中心 Check-up centre | 血站 Blood bank | "
        "药店 Pharmacy | 互联网诊疗 Online clinic",
        "等候久 long waits | 收费 charges | 服务态度 rude | 预约难 booking | 信息有误 wrong information | "
        "药品器械 medicine or devices | 隐私泄露 privacy",
        public=False,
    ),
    _list(
        "health", "event", 5,
        "商场 Shopping centre | 餐厅 Restaurant | 写字楼 Office block | 网吧 Internet café | 游泳馆 Pool | "
        "理发店 Hairdresser | 旅馆 Guest house",
        "违规吸烟 smoking | 环境卫生 hygiene | 病媒生物 pests | 水质 water quality | 空气质量 air quality | "
        "用品消毒 not disinfected",
    ),
    _list(
        "health", "event", 7,
        "养老院 Care home | 日间护理 Day care | 护工 Carer | 殡仪馆 Funeral home",
        "收费 charges | 服务质量 quality of care | !人身安全 somebody's safety | 设施 equipment | "
        "床位不足 too few beds",
        public=False,
    ),
    _list(
        "labour", "event", 10,
        "建筑企业 Building firm | 制造企业 Factory | 餐饮企业 Restaurant | 物业企业 Property firm | "
        "快递企业 Courier firm | 外卖平台 Delivery platform | 劳务派遣公司 Agency | 家政公司 Domestic agency | "
        "个体工商户 Sole trader | 互联网企业 Internet firm | 培训机构 Training school | 保安公司 Security firm | "
        "环卫企业 Cleaning contractor",
        "拖欠工资 wages unpaid | 社保欠缴 insurance unpaid | 公积金欠缴 housing fund unpaid | 超时加班 overtime | "
        "未签合同 no contract | 违法解雇 unfair dismissal | 工伤 injury at work | 高温津贴 heat allowance | "
        "收取押金 deposit taken | 职业病 occupational disease | 招用童工 child labour | "
        "女职工权益 women's rights | 年假休假 leave | 就业歧视 discrimination",
        public=False,
    ),
    _list(
        "labour", "event", 7,
        "人社窗口 Labour counter | 社保窗口 Insurance counter | 劳动仲裁 Labour tribunal | 人才市场 Job market | "
        "零工市场 Day labour market",
        "办理慢 slow | 材料繁琐 too many papers | 政策咨询 asks about rules | 补贴申领 subsidies | "
        "系统故障 system fails | 服务态度 rude",
        public=False,
    ),
    _list(
        "community", "event", 7,
        "社区服务中心 Community centre | 居委会 Residents' committee | 政务大厅 Service hall | "
        "户籍窗口 Household registration | 婚姻登记处 Marriage registration | 出入境窗口 Passport counter | "
        "不动产窗口 Land registry | 税务窗口 Tax counter | 自助终端 Self-service kiosk",
        "办理慢 slow | 材料繁琐 too many papers | 态度差 rude | 无人接听 nobody answers | "
        "政策咨询 asks about rules | 开放时间 opening hours | 预约难 booking | 信息有误 wrong information | "
        "网上办理故障 website fails | 地点不便 hard to reach | 等候久 long waits",
    ),
    _list(
        "community", "event", 7,
        "老年食堂 Canteen for the elderly | 日间照料中心 Day centre | 残疾人服务 Services for the disabled | "
        "低保救助 Social assistance | 流浪救助 Help for the homeless | 儿童之家 Children's house | "
        "退役军人服务 Services for veterans",
        "名额不足 too few places | 服务质量 quality | 申请条件 who may apply | 办理慢 slow | 收费 charges | "
        "地点不便 hard to reach | 待遇标准 how much there is | 隐私 privacy",
        public=False,
    ),
    _list(
        "community", "event", 5,
        "社区活动室 Activity room | 社区球场 Community court | 社区健身点 Fitness spot | "
        "社区公告栏 Notice board | 社区广场 Community square",
        "设施损坏 equipment broken | 开放时间 opening hours | 被占用 occupied | 脏污 dirty | 噪声 noisy | "
        "预约难 booking",
    ),
    _list(
        "community", "event", 3,
        "犬只 Dog | 流浪猫狗 Stray animals | 家禽 Poultry",
        "!伤人 bites | 未牵绳 without a lead | 粪便 dirt | 吠叫扰民 barks | 乱投喂 fed in the street | "
        "无证饲养 without licence",
    ),
)  # fmt: skip
