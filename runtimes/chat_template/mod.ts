/**
 * Chat templates of model folders.
 *
 * @module
 */
export { type ChatMessage, type ChatTemplate, readChatTemplate } from "./chat_template.ts";
