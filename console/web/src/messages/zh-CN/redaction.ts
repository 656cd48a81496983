/** What of an evidence package is made unrecognisable. */
export const redaction = {
  redaction: {
    title: "脱敏",
    none: "无：画面和声音均为录制原样",
    heads: "头部",
    windows: "保持可见的窗口（工作人员和办事人）",
    noZones: "所选摄像机没有窗口区域：请遮盖所有人的头部，或先绘制区域。",
    needWindow: "请选择保持可见的窗口，或遮盖所有人的头部",
    hint: "画面将重新编码，所需时间比录像时长更长。任何检测都不能保证找出每一个人：交出之前请先查看录像。",
    mute: "去除声音",
    tag: "脱敏：{what}",
    butAt: "除 {windows} 号窗口外头部均已遮盖",
    allHeads: "所有头部均已遮盖",
    muted: "无声音",
    notOriginal: "并非录制原样",
    coveredWhole: "有 {n} 幅画面未能判定头部位置，已整幅遮盖",
  },
  redactHeads: {
    kept: "保持录制原样",
    by_standers: "遮盖无关人员",
    all: "遮盖所有人",
  },
};
