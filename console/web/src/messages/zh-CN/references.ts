/** 删除配置条目之前，仍引用它的内容。 */
export const references = {
  references: {
    title: "删除{name}",
    first: "暂时不能删除，请先修改引用它的内容：",
    free: "没有内容引用“{name}”。删除后不再出现在配置中，已有的记录会保留，也可在“配置版本”中恢复。",
    remove: "删除",
    last: "这是最后一个，大厅至少需要一个：请先添加另一个",
    window: "窗口 {name}",
    person: "窗口工作人员 {name}",
    camera: "摄像机 {name} 上的区域",
    hiddenCamera: "您无权查看的摄像机上的区域",
    item: "事项 {name}",
    rule: "规则 {name}",
    shifts: "未来的班次 {n} 个，最早在 {day}",
    leaves: "尚未结束的请假 {n} 个",
  },
};
