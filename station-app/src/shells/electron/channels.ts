/** Names of the IPC channels between main and preload. */
export const CALL_CHANNEL = 'sandoq:call';
export const ATTACH_CHANNEL = 'sandoq:attach';
export const MESSAGE_CHANNEL = 'sandoq:message';
/** The scheme under which the screens are served: a standard, secure origin of its own. */
export const SCHEME = 'station';
export const SCREENS_ORIGIN = `${SCHEME}://screens`;
