/** Single sign-on. */
export const signOn = {
  signOn: {
    or: "或",
    begin: "单点登录",
    only: "此处已停用密码登录，请使用单点登录",
    unreachable: "无法连接单点登录服务，请稍后重试",
    cancelled: "单点登录未通过",
    invalid: "单点登录超时或不匹配，请重新开始",
    noRole: "您的账号在此没有角色，请联系管理员",
    nameTaken: "此处已有同名的密码用户，请联系管理员",
    disabled: "您的账号在此已停用，请联系管理员",
  },
};
