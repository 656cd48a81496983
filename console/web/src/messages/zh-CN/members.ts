/** The fields of parts of the configuration, and the administration of notifiers. */
export const members = {
  members: {
    unitOf: "单位：{label}",
  },
  lengthUnit: {
    hour: "小时",
    minute: "分钟",
    second: "秒",
  },
  notifierAdmin: {
    title: "通知渠道",
    lead: "告警通知谁、如何通知、是否送达",
    add: "添加渠道",
    none: "尚未通知任何人，告警只显示在控制台上。请添加渠道并发送测试",
    idHint: "升级规则和审计记录以此称呼它。",
    receiver: "接收方",
    secrets: "密码和令牌只写名称，不写内容：{variable}，变量在告警进程的环境中设置。显示为 ••• 的内容已保存、不再显示，不改即保持原样。",
    hears: "通知内容",
    way: "发送方式",
    standing: "送达情况",
    noStanding: "尚无记录",
    testLead: "由告警进程经与告警相同的途径发出一条注明为测试的消息，并记入审计记录。",
    saveFirst: "请先保存：测试的是生效中的设置。",
  },
  notifierHint: {
    url: "以 https:// 或 http:// 开头",
    robot: "群机器人的地址，其中的令牌写变量名",
    secret: "变量名；留空即不用",
    prefix: "置于每条消息之前：机器人的关键词、短信签名",
    lines: "每行一个",
    call: "与正文一样，可含消息内容的占位符",
    headers: "每行一个，写作 名称: 值",
    options: "每行一个，写作 名称: 值",
    pace: "留空：按该种类的上限",
    all: "全部",
  },
  notifierLanguage: {
    "zh-CN": "中文",
    en: "英文",
  },
  signalCall: {
    serious: "“严重”的地址",
    warning: "“预警”的地址",
    attention: "“提醒”的地址",
    clear: "“无告警”的地址",
  },
};
