"""One table from what can go wrong to the status and the words a visitor gets."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, current_app, jsonify, make_response, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from marketplace import (
    BadRequestError,
    ForbiddenError,
    GoneError,
    MarketError,
    NotFoundError,
    RefusedError,
    StaleError,
)
from matching import MatchingError
from webapp.presenters import present_message
from webapp.rendering import render


@dataclass(frozen=True, slots=True)
class Answer:
    """A status with its heading and the sentence used when the exception brings none of its own."""

    status: int
    heading: str
    sentence: str
    own_words: bool = False


_FAULT = Answer(500, "系统出现故障", "系统处理这次请求时出错，已记入日志。请稍后再试，或联系主办单位。")
_CLOSED = Answer(503, "服务暂时不可用", "数据正在准备或维护，请稍后再试。")
_TABLE: dict[type[Exception], Answer] = {
    NotFoundError: Answer(404, "没有找到这个页面", "这条信息不存在，可能地址有误。", own_words=True),
    GoneError: Answer(410, "这条信息已撤下", "发布单位已撤下这条信息，不再展示。", own_words=True),
    BadRequestError: Answer(400, "请求有误", "请检查地址或输入的内容。", own_words=True),
    ForbiddenError: Answer(403, "没有查看权限", "当前身份不能查看这个页面。", own_words=True),
    StaleError: Answer(409, "内容已被他人修改", "请重新打开后再改。", own_words=True),
    RefusedError: Answer(422, "未能办理", "请按提示改正后再试。", own_words=True),
    CSRFError: Answer(400, "页面已过期", "这一页打开太久或登录已变更，表单没有提交；请返回上一页刷新后重新提交。"),
    SecurityError: Answer(400, "请求有误", "这个地址不是本网站的域名，不能访问；请核对网址。"),
    MarketError: _CLOSED,
    MatchingError: _CLOSED,
}
_CODES: dict[int, Answer] = {
    400: Answer(400, "请求有误", "请检查地址或输入的内容。"),
    404: Answer(404, "没有找到这个页面", "地址可能有误，或页面已经移走。"),
    405: Answer(405, "不支持这种访问方式", "请从页面上的链接或按钮进入。"),
    413: Answer(413, "提交的内容太大", "一次最多上传 50 MB 的文件；请拆分后再试。"),
    429: Answer(429, "操作太频繁", "请稍等一分钟再试。"),
    414: Answer(414, "地址太长", "请减少筛选条件后再试。"),
    500: _FAULT,
}


def find_answer(error: Exception) -> Answer:
    """The answer to an exception: by its class, then by its HTTP code, else a fault."""
    for kind in type(error).__mro__:
        if kind in _TABLE:
            return _TABLE[kind]
    if isinstance(error, HTTPException) and error.code:
        other = Answer(error.code, "请求不能完成", "请从首页重新进入。")
        return _CODES.get(error.code, other)
    return _FAULT


def handle(error: Exception) -> Response:
    """The page, or the JSON for monitors, that answers an exception."""
    # A redirect that routing or Werkzeug raised is an answer already.
    if isinstance(error, HTTPException) and (error.code or 500) < 400:
        return make_response(error.get_response())
    answer = find_answer(error)
    if answer.status >= 500:
        current_app.logger.error("%s %s failed", request.method, request.path, exc_info=error)
    sentence = (str(error) if answer.own_words else "") or answer.sentence
    if _wants_json():
        response = _json(answer, sentence)
    elif isinstance(error, SecurityError):
        # Without a host to believe there are no addresses, and a page of the site is full of them.
        response = Response(f"{sentence}\n", mimetype="text/plain")
    else:
        response = _page(answer, sentence)
    response.status_code = answer.status
    if isinstance(error, HTTPException) and answer.status == 405:
        response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    return response


def _wants_json() -> bool:
    return request.path in ("/healthz", "/readyz") or request.path.startswith("/api/")


def _json(answer: Answer, sentence: str) -> Response:
    return jsonify(status="error", code=answer.status, message=sentence)


def _page(answer: Answer, sentence: str) -> Response:
    return make_response(render(present_message(answer.heading, sentence)))


def add_error_pages(app: Flask) -> None:
    """Answer every exception of the application by the table."""
    app.register_error_handler(Exception, handle)
