"""The states of a text on its way to publication, and what each step of its review is called."""

from __future__ import annotations

DRAFT, REVIEW, SECOND, RETURNED, APPROVED = "draft", "review", "second_review", "returned", "approved"
DRAFT_STATES = {DRAFT: "草稿", REVIEW: "待审", SECOND: "待复审", RETURNED: "退回", APPROVED: "待发布"}
EDITABLE = (DRAFT, RETURNED)
WAITING = (REVIEW, SECOND)
IN_QUEUE = (*WAITING, APPROVED)
# Batches: being written by a job, done, taken back.
PUBLISHING, PUBLISHED, RECALLED = "publishing", "published", "recalled"
BATCH_STATES = {PUBLISHING: "发布中", PUBLISHED: "已发布", RECALLED: "已撤回"}
OPEN, ON_REQUEST, CLOSED = "主动公开", "依申请公开", "不予公开"

SUBMITTED, TAKEN_BACK, FIRST_PASS, PASSED, SENT_BACK = "submitted", "recalled", "first_approved", "approved", "returned"
OUT, UNDONE, RESTORED = "published", "unpublished", "restored"
STEP_LABELS = {
    SUBMITTED: "送审",
    TAKEN_BACK: "撤回送审",
    FIRST_PASS: "初审通过",
    PASSED: "审核通过",
    SENT_BACK: "退回",
    OUT: "发布",
    UNDONE: "撤回发布",
    RESTORED: "恢复上一版",
}
