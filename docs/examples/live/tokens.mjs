// The caller's token, asked for whenever a connection begins; a page asks whoever signs its user in.
const tokens = process.env.MILEPOST_TOKEN.split(",");

export const token = async () => (tokens.length > 1 ? tokens.shift() : tokens[0]);
