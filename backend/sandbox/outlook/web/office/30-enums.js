// Values as Microsoft Learn gives them ("Office.MailboxEnums", "Office.EventType",
// "Office.CoercionType").
const enums = {
  AsyncResultStatus,
  CoercionType: { Html: 'html', Text: 'text' },
  HostType: { Outlook: 'Outlook' },
  PlatformType: { OfficeOnline: 'OfficeOnline', PC: 'PC', Mac: 'Mac', iOS: 'iOS', Android: 'Android' },
  EventType: {
    AttachmentsChanged: 'olkAttachmentsChanged',
    DialogEventReceived: 'dialogEventReceived',
    DialogMessageReceived: 'dialogMessageReceived',
    ItemChanged: 'olkItemSelectedChanged',
    OfficeThemeChanged: 'officeThemeChanged',
    RecipientsChanged: 'olkRecipientsChanged',
  },
  MailboxEnums: {
    AttachmentContentFormat: { Base64: 'base64', Eml: 'eml', ICalendar: 'iCalendar', Url: 'url' },
    AttachmentStatus: { Added: 'added', Removed: 'removed' },
    AttachmentType: { Cloud: 'cloud', File: 'file', Item: 'item' },
    BodyType: { Html: 'html', Text: 'text' },
    ComposeType: { Forward: 'forward', NewMail: 'newMail', Reply: 'reply' },
    DelegatePermissions: { Read: 1, Write: 2, DeleteOwn: 4, DeleteAll: 8, EditOwn: 16, EditAll: 32 },
    ItemNotificationMessageType: {
      ProgressIndicator: 'progressIndicator',
      InformationalMessage: 'informationalMessage',
      ErrorMessage: 'errorMessage',
      InsightMessage: 'insightMessage',
    },
    ItemType: { Appointment: 'appointment', Message: 'message' },
    RecipientType: { DistributionList: 'distributionList', ExternalUser: 'externalUser', Other: 'other', User: 'user' },
    RestVersion: { Beta: 'beta', v1_0: 'v1.0', v2_0: 'v2.0' },
  },
};
