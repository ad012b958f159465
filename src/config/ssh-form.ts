/** `[user@]host[:port]`; an IPv6 address stands in brackets. It never begins with a hyphen: ssh would take it for an option. */
export const SSH_FORM = /^(?:[A-Za-z_][\w.-]*@)?(?:[A-Za-z0-9][\w.-]*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;
