/** Single sign-on. */
export const signOn = {
  signOn: {
    or: "or",
    begin: "Single sign-on",
    only: "Passwords are switched off here. Use the single sign-on",
    unreachable: "The single sign-on cannot be reached. Try again later",
    cancelled: "The single sign-on did not let you in",
    invalid: "The single sign-on took too long or did not fit. Begin again",
    noRole: "Your account has no role here. Ask an administrator",
    nameTaken: "Somebody with a password here has your name already. Ask an administrator",
    disabled: "Your account is disabled here. Ask an administrator",
  },
};
